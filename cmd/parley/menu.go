package main

import "github.com/spf13/cobra"

func newMenu(w world) *cobra.Command { return &cobra.Command{Use: "menu"} }
