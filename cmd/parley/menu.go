package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"github.com/spf13/cobra"

	"parley/internal/menu"
)

func newMenu(w world) *cobra.Command {
	opts := menu.Options{Address: menu.DefaultAddress}
	var secure bool
	var ca string
	cmd := &cobra.Command{
		Use:   "menu [HOST[:PORT]]",
		Short: "Chat by a numbered menu, as the course's assignment has it",
		Long: `menu is the text client of the course's assignment: connect, log in, talk and
read by the number of what you want to do. Without an address it is for the
server on this machine.`,
		Example: `  parley menu
  parley menu chat.example.org
  parley menu --tls chat.example.org
  parley menu --trace      and see every line that goes over the wire`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := checkTimeout(opts.Timeout); err != nil {
				return err
			}
			if opts.TLS, err = clientTLS(secure, ca); err != nil {
				return err
			}
			if len(args) > 0 {
				opts.Address = args[0]
			} else if opts.TLS != nil {
				opts.Address = defaultHost
			}
			return menu.Run(cmd.Context(), w.in, w.out, opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Trace, "trace", false, "show every line sent and received")
	cmd.Flags().DurationVar(&opts.Timeout, "timeout", menu.DefaultTimeout, "how long to wait for an answer")
	cmd.Flags().BoolVar(&secure, "tls", false, "connect over TLS")
	cmd.Flags().StringVar(&ca, "tls-ca", "", "PEM `file` of the certificates to trust, instead of the system's; turns --tls on")
	return cmd
}

// defaultHost is this machine; the port depends on TLS.
const defaultHost = "127.0.0.1"

// clientTLS is how a client connects: nil is not over TLS.
func clientTLS(secure bool, ca string) (*tls.Config, error) {
	if ca == "" {
		if !secure {
			return nil, nil //nolint:nilnil // there is none, and nothing is wrong
		}
		return &tls.Config{MinVersion: tls.VersionTLS12}, nil
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, usagef("--tls-ca: %w", err)
	}
	known := x509.NewCertPool()
	if !known.AppendCertsFromPEM(text) {
		return nil, usagef("--tls-ca: %s has no certificate in PEM", ca)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: known}, nil
}
