package server_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/dustin/go-humanize"

	"parley/internal/server"
	"parley/internal/transcript"
	"parley/internal/transcript/play"
)

// Every conversation goes as it is written, each with a server of its own.
func TestTranscripts(t *testing.T) {
	for _, c := range transcript.All() {
		t.Run(c.ID, func(t *testing.T) {
			opts := options()
			for name, value := range c.Settings {
				if err := set(&opts, name, value); err != nil {
					t.Fatal(err)
				}
			}
			_, addrs := start(t, opts)
			dial := func(ctx context.Context) (net.Conn, error) {
				var d net.Dialer
				return d.DialContext(ctx, "tcp", addrs[string(c.Service)])
			}
			if err := play.Play(t.Context(), dial, c); err != nil {
				t.Error(err)
			}
		})
	}
}

// set sets an option by its name on the command line.
func set(o *server.Options, name, value string) (err error) {
	switch name {
	case "spam-rate":
		o.SpamRate, err = strconv.Atoi(value)
	case "spam-block":
		o.SpamBlock, err = time.ParseDuration(value)
	case "inbox-limit":
		o.InboxLimit, err = strconv.Atoi(value)
	case "inbox-bytes":
		var n uint64
		n, err = humanize.ParseBytes(value)
		o.InboxBytes = int(n)
	case "max-line":
		o.MaxLine, err = strconv.Atoi(value)
	case "max-conns":
		o.MaxConns, err = strconv.Atoi(value)
	case "max-conns-per-ip":
		o.MaxConnsPerIP, err = strconv.Atoi(value)
	default:
		return fmt.Errorf("no setting %q", name)
	}
	return err
}
