package cluster

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"parley/internal/history"
)

// Defaults of [Options].
const (
	DefaultReplicas = 1
	DefaultLease    = 10 * time.Second
	DefaultPatience = 15 * time.Second
	DefaultGrace    = 2 * time.Second
	DefaultKeep     = "1000000"
)

// Options say which cluster a node belongs to. URLs and Name must be given.
type Options struct {
	URLs        string       // of NATS servers, separated by commas
	Name        string       // of the cluster: those with one name are one chat
	Node        string       // of this node, for people; default the name of the machine
	Replicas    int          // NATS servers that keep each message and name; default [DefaultReplicas]
	Keep        history.Keep // what the stream keeps
	Remember    int          // messages of it that the node has in memory; default [history.DefaultMemoryLines]
	Credentials string       // file of NATS credentials; empty: none
	CA          string       // PEM file of whom to trust for NATS over TLS; empty: the system's

	MaxBlock int // bytes of the largest block that sessions say; NATS has to take it

	Lease    time.Duration // how long a node that is silent keeps its names; default [DefaultLease], at least 1 s
	Patience time.Duration // how long NATS may fail to do something before the node goes on alone
	Grace    time.Duration // the same, where no NATS server can be reached at all

	Log *slog.Logger
}

// token is what NATS subjects, and people, can stand as a name.
var token = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (o Options) orDefaults() Options {
	if o.Node == "" {
		host, _ := os.Hostname() // without one it is "node"
		o.Node = tokenOf(host)
	}
	if o.Replicas == 0 {
		o.Replicas = DefaultReplicas
	}
	if o.Remember == 0 {
		o.Remember = history.DefaultMemoryLines
	}
	if o.Lease == 0 {
		o.Lease = DefaultLease
	}
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// tokenOf makes a token of a host name.
func tokenOf(host string) string {
	name := strings.Map(func(r rune) rune {
		if token.MatchString(string(r)) {
			return r
		}
		return '-'
	}, host)
	if len(name) > 64 {
		name = name[:64]
	}
	if name == "" {
		return "node"
	}
	return name
}

// addresses reads the addresses of NATS servers as the library does.
func addresses(urls string) (all []*url.URL, err error) {
	for address := range strings.SplitSeq(urls, ",") {
		address = strings.TrimSpace(address)
		if !strings.Contains(address, "://") {
			address = "nats://" + address
		}
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// shown is addresses of NATS servers as people may see them: without users, passwords
// and tokens. Of one that cannot be read nothing is shown: they may stand anywhere.
func shown(urls string) string {
	all, _ := addresses(urls)
	hosts := make([]string, len(all))
	for i, u := range all {
		u.User = nil
		hosts[i] = u.String()
	}
	return strings.Join(hosts, ",")
}

// Validate says what is wrong: the option, as on the command line, and the
// problem. Without a problem both are empty.
func (o Options) Validate() (option, problem string) {
	_, err := addresses(o.URLs)
	switch {
	case o.URLs == "":
		return "cluster", "say where NATS is: nats://HOST:4222, several separated by commas"
	case err != nil:
		return "cluster", "an address of NATS cannot be read: nats://HOST:4222; in a password write %40 for @, and so on"
	case !token.MatchString(o.Name):
		return "cluster-name", fmt.Sprintf("%q is no name for a cluster: 1 to 64 letters, digits, - and _", o.Name)
	case o.Node != "" && !token.MatchString(o.Node):
		return "cluster-node", fmt.Sprintf("%q is no name for a node: 1 to 64 letters, digits, - and _", o.Node)
	case o.Replicas < 0 || o.Replicas > 5:
		return "cluster-replicas", fmt.Sprintf("must be from 1 to 5, not %d", o.Replicas)
	}
	return "", ""
}

// The names of what a cluster has in NATS.
func (o *Options) stream() string  { return "parley-" + o.Name }
func (o *Options) bucket() string  { return "parley-" + o.Name }
func (o *Options) sayings() string { return "parley." + o.Name + ".say" }
func (o *Options) asking() string  { return "parley." + o.Name + ".status" }
func (o *Options) letters(to identity) string {
	return "parley." + o.Name + ".node." + to.Node + "." + to.Start
}
