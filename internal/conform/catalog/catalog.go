// Package catalog lists all checks.
package catalog

import (
	"parley/internal/conform"
	"parley/internal/conform/chat"
	"parley/internal/conform/chatclient"
	"parley/internal/conform/sum"
)

// Targets lists the kinds of programs that there are checks for.
func Targets() []conform.Target {
	return []conform.Target{conform.Server, conform.SumServer, conform.Client, conform.SumClient}
}

// For returns the checks of one kind of program, in the order in which a report
// has them. The caller owns the slice.
func For(target conform.Target) []*conform.Check {
	switch target {
	case conform.Server:
		return chat.Checks()
	case conform.SumServer:
		return sum.ServerChecks()
	case conform.Client:
		return chatclient.Checks()
	case conform.SumClient:
		return sum.ClientChecks()
	}
	return nil
}
