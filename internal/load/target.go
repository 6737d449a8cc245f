package load

import (
	"context"
	"errors"
	"net/netip"

	"parley/internal/target"
	"parley/proto"
)

// reach finds the address of the server, and refuses one that may be somebody
// else's.
func reach(ctx context.Context, opts Options) (netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	address, err := target.Reach(ctx, target.Target{Address: opts.Address, Port: proto.DefaultPort, AllowRemote: opts.AllowRemote})
	if bad, ok := errors.AsType[*target.Error](err); ok {
		return address, wrong(Address, "%s", bad.Problem)
	}
	return address, err
}

// spareFiles are what the program needs beside its connections.
const spareFiles = 64

// checkFiles refuses more clients than this process may have open files.
func checkFiles(clients int, limit func() int) error {
	have := limit()
	if need := clients + spareFiles; have > 0 && have < need {
		return wrong("clients", "%d connections need %d open files and this process may have %d; ask for fewer, or raise the limit (ulimit -n %d)",
			clients, need, have, need)
	}
	return nil
}
