package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley/internal/server"
)

// drainTime is how long a stop may take before what is left is cut: with what
// comes after, it ends within the 6 s of P-73.
const drainTime = 4500 * time.Millisecond

// serveFlags are the flags of serve that are not options of the server as they
// stand.
type serveFlags struct {
	settings settings
	opts     server.Options

	maxLine, inboxBytes, outboxLimit size
	web, jokes, addrFile             string
	clusterKeep                      string
	logFormat, logLevel              choice
}

func newServe(w world) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start a chat server on this machine",
		Long: `serve runs the chat, and beside it the warm-up service that adds numbers, until
it is told to stop (Ctrl-C).

Each flag may also be set by an environment variable (--spam-rate by
PARLEY_SPAM_RATE) or in a TOML file that --config names (spam-rate = 10). The
command line comes first, then the environment, then the file.`,
		Example: `  parley serve                                     for everybody who can reach this machine
  parley serve --listen 127.0.0.1:1300 --sum off   for this machine alone, chat only
  parley serve --spam-rate 0 --idle-timeout 24h    let people talk, and be quiet, as they like`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), &f, w) },
	}
	cmd.Flags().SortFlags = false
	f.register(cmd.Flags())
	return cmd
}

func (f *serveFlags) register(flags *pflag.FlagSet) {
	f.settings.flags = flags
	f.opts = server.Defaults()
	o := &f.opts
	f.maxLine, f.inboxBytes, f.outboxLimit = size(o.MaxLine), size(o.InboxBytes), size(o.OutboxLimit)
	f.logFormat = choice{"text", []string{"text", "json"}}
	f.logLevel = choice{"info", []string{"debug", "info", "warn", "error"}}

	flags.StringVar(&o.Listen, "listen", o.Listen, "`address` of the chat")
	flags.StringVar(&o.Sum, "sum", o.Sum, "`address` of the warm-up service; off turns it off")
	flags.StringVar(&o.TLSListen, "tls-listen", o.TLSListen, "`address` of the chat over TLS, if there is a certificate; off turns it off")
	flags.StringVar(&o.TLSCert, "tls-cert", "", "PEM `file` of a certificate, for --tls-listen and --web; a new one is taken as soon as it is there")
	flags.StringVar(&o.TLSKey, "tls-key", "", "PEM `file` of its key")
	flags.StringVar(&f.web, "web", server.DefaultWeb, "`address` of the web page; off turns it off")
	flags.StringSliceVar(&o.WebOrigins, "web-origin", nil, "`host` whose pages may connect too, beside our own; repeatable")
	flags.StringVar(&o.Admin, "admin", o.Admin, "`address` of health, metrics and profiles over HTTP; :PORT is on loopback only")
	flags.IntVar(&o.SpamRate, "spam-rate", o.SpamRate, "messages a second that one connection may say; 0 is no limit")
	flags.DurationVar(&o.SpamBlock, "spam-block", o.SpamBlock, "for how long who says more is refused")
	flags.DurationVar(&o.IdleTimeout, "idle-timeout", o.IdleTimeout, "close a connection that sends nothing for this long")
	flags.Var(&f.maxLine, "max-line", "longest line of a client, in bytes")
	flags.IntVar(&o.InboxLimit, "inbox-limit", o.InboxLimit, "messages that the inbox of a connection keeps")
	flags.Var(&f.inboxBytes, "inbox-bytes", "bytes of messages that the inbox of a connection keeps")
	flags.Var(&f.outboxLimit, "outbox-limit", "bytes of messages that may wait for a slow reader before it is cut")
	flags.DurationVar(&o.WriteTimeout, "write-timeout", o.WriteTimeout, "cut a connection that takes nothing for this long")
	flags.IntVar(&o.MaxConns, "max-conns", o.MaxConns, "connections in all; 0 is as many as the limit on open files allows")
	flags.IntVar(&o.MaxConnsPerIP, "max-conns-per-ip", o.MaxConnsPerIP, "connections from one address; 0 is no limit")
	flags.StringVar(&o.History, "history", "", "SQLite `file` that keeps what is said in public; without one the newest of it is kept in memory")
	flags.StringVar(&o.HistoryKeep, "history-keep", "", "what the file keeps: 30d, or a `number` of messages; without it all")
	clusterFlags(flags, &o.Cluster)
	clusterNodeFlags(flags, &o.Cluster, &f.clusterKeep)
	flags.StringVar(&f.jokes, "jokes", "", "`file` of jokes, one a line, instead of the built-in ones")
	flags.Var(&f.logFormat, "log-format", "how the log on standard error is written")
	flags.Var(&f.logLevel, "log-level", "what is logged")
	flags.StringVar(&f.addrFile, "addr-file", "", "write the addresses to this `file` once everything listens")
	flags.StringVar(&f.settings.config, configFlag, "", "TOML `file` of settings")
}

// serve runs a server until ctx ends.
func serve(ctx context.Context, f *serveFlags, w world) error {
	if err := f.read(w.environ); err != nil {
		return err
	}
	log := newLogWriter(w.err)
	defer log.close()
	f.opts.Log = f.logger(log)
	srv, err := server.Listen(f.opts)
	var bad *server.OptionError
	switch {
	case errors.As(err, &bad):
		return f.settings.wrong(bad.Option, bad.Problem)
	case err != nil:
		return err
	}
	// Clients that come right now wait in the listeners' queues.
	if err := announce(srv.Addrs(), f.addrFile, w.out); err != nil {
		srv.Close()
		return err
	}
	takeHalf(w.environ)
	srv.Start()
	<-ctx.Done()
	f.opts.Log.Info("stopping: no new connections, what waits is sent")
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if srv.Shutdown(drain) != nil {
		f.opts.Log.Warn("some connections did not take in time what waited for them and were cut")
	}
	f.opts.Log.Info("stopped")
	return nil
}

// takeHalf runs the server on half of the processors, unless GOMAXPROCS says
// otherwise. What it does is nearly all system calls; more threads than that
// wake and move each other, and leave less to those who read what is sent
// (decision 16 has the numbers).
func takeHalf(environ []string) {
	for _, entry := range environ {
		if strings.HasPrefix(entry, "GOMAXPROCS=") {
			return
		}
	}
	runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
}

// read takes all sources of settings together.
func (f *serveFlags) read(environ []string) error {
	if err := f.settings.apply(environ); err != nil {
		return err
	}
	f.opts.MaxLine, f.opts.InboxBytes, f.opts.OutboxLimit = int(f.maxLine), int(f.inboxBytes), int(f.outboxLimit)
	if f.settings.given("web") {
		f.opts.Web = f.web
	}
	if err := f.readCluster(); err != nil {
		return err
	}
	if f.jokes == "" {
		return nil
	}
	text, err := os.ReadFile(f.jokes)
	if err != nil {
		return f.settings.wrong("jokes", err.Error())
	}
	f.opts.Jokes = server.ParseJokes(string(text))
	return nil
}

func (f *serveFlags) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.logLevel.value)) // one of ours: it is a level
	opts := &slog.HandlerOptions{Level: level}
	if f.logFormat.value == "json" {
		return slog.New(slog.NewJSONHandler(to, opts))
	}
	return slog.New(slog.NewTextHandler(to, opts))
}
