package main

import "github.com/spf13/cobra"

func newSum(w world) *cobra.Command { return &cobra.Command{Use: "sum"} }
