package cluster

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// oldestNATS is the first version that can give a key a time to live.
var oldestNATS = [2]int{2, 11}

// headers is more than what a block has beside its lines: the node's name, above all.
const headers = 256

// connect dials NATS. The library dials again by itself when the connection is
// lost; what is under way is not sent a second time behind our back.
func (r *Room) connect() (err error) {
	reported := "" // of the library's goroutine for these handlers
	opts := []nats.Option{
		nats.Name("parley node " + r.opts.Node),
		nats.Timeout(attempt),
		nats.MaxReconnects(-1), nats.ReconnectWait(rejoinPause / 4), nats.ReconnectBufSize(-1),
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { signal(r.lost) }),
		nats.IgnoreAuthErrorAbort(), // else a NATS that refuses us twice is never asked again
		nats.ReconnectHandler(func(*nats.Conn) {
			reported = ""
			signal(r.back)
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if text := err.Error(); text != reported { // every write to a broken connection reports the same
				reported = text
				r.opts.Log.Warn("NATS reports", "error", text)
			}
		}),
	}
	if r.opts.Credentials != "" {
		opts = append(opts, nats.UserCredentials(r.opts.Credentials))
	}
	if r.opts.CA != "" {
		opts = append(opts, nats.RootCAs(r.opts.CA))
	}
	if r.nats, err = nats.Connect(r.opts.URLs, opts...); err != nil {
		return err
	}
	if err := checkVersion(r.nats.ConnectedServerVersion()); err != nil {
		r.nats.Close()
		return err
	}
	if most := r.nats.MaxPayload() - headers; int64(r.opts.MaxBlock) > most {
		r.nats.Close()
		return fmt.Errorf("its max_payload is %d bytes, and blocks of messages have up to %d: raise it, or lower --max-line",
			most+headers, r.opts.MaxBlock+headers)
	}
	r.js, err = jetstream.New(r.nats)
	return err
}

// checkVersion refuses a server that does not know times to live.
func checkVersion(version string) error {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("its version %q cannot be read", version)
	}
	if major < oldestNATS[0] || major == oldestNATS[0] && minor < oldestNATS[1] {
		return fmt.Errorf("nats-server is %s, and %d.%d is the oldest that will do: names need a time to live; use a newer one",
			version, oldestNATS[0], oldestNATS[1])
	}
	return nil
}
