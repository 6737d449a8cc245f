package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"parley/internal/server"
	"parley/proto"
)

// startNATS starts a NATS server in this process and returns its address.
func startNATS(t *testing.T) (url string) {
	t.Helper()
	s, err := natsserver.NewServer(&natsserver.Options{
		Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not get ready")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL()
}

// startNode starts a node of a cluster.
func startNode(t *testing.T, nats, cluster, node string, opts server.Options) (addrs map[string]string) {
	t.Helper()
	opts.Cluster.URLs, opts.Cluster.Name, opts.Cluster.Node = nats, cluster, node
	_, addrs = start(t, opts)
	return addrs
}

// Whoever has an answer can rely on it on another node too: there every command sees
// its effect.
//
// Rules: P-26, P-80, P-81, P-84
func TestAnswersHoldOnOtherNodes(t *testing.T) {
	nats := startNATS(t)
	opts := options()
	opts.SpamRate = 0
	a := join(t, startNode(t, nats, "test", "one", opts)["chat"])
	b := join(t, startNode(t, nats, "test", "two", opts)["chat"])
	b.expect("login bob", "loginok")
	b.expect("sync", "modeok")
	for i := range 50 {
		name := fmt.Sprintf("amy%d", i)
		a.expect("login "+name, "loginok")
		b.expect("login "+name, proto.LoginTaken[:len(proto.LoginTaken)-1])
		b.expect("users", "users "+name+" bob")
		a.expect("msg hello", "msgok 1")
		a.expect("privmsg bob psst", "msgok 1")
		b.expect("inbox", "inbox 2")
		for _, want := range []string{"msg " + name + " hello", "privmsg " + name + " psst"} {
			if got := b.line(); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		b.expect("privmsg "+name+" you too", "msgok 1")
		if got, want := a.line(), "privmsg bob you too"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// What is to be seen of a cluster at a node's admin address.
func TestClusterMetrics(t *testing.T) {
	nats := startNATS(t)
	opts := options()
	opts.Admin = "127.0.0.1:0"
	one := startNode(t, nats, "test", "one", opts)
	two := startNode(t, nats, "test", "two", options())
	a, b := join(t, one["chat"]), join(t, two["chat"])
	a.expect("login amy", "loginok")
	b.expect("users", "users amy Anonymous2001")
	a.expect("users", "users amy Anonymous2001")
	a.expect("msg hi", "msgok 1")
	b.line()
	b.expect("msg hi", "msgok 1")
	a.line()
	a.expect("privmsg Anonymous2001 psst", "msgok 1")

	_, text := get(t, one["admin"], "/metrics")
	for _, want := range []string{
		`parley_cluster_together 1`,
		`parley_cluster_other_nodes 1`,
		`parley_cluster_other_users 1`,
		`parley_cluster_lag_blocks 0`,
		`parley_cluster_say_seconds_count 1`,
		`parley_cluster_heard_blocks_total 2`,
		`parley_cluster_apart_blocks_total 0`,
		`parley_cluster_partings_total 0`,
		`parley_cluster_letters_total 1`,
		`parley_cluster_letters_unanswered_total 0`,
		`parley_cluster_invalid_total 0`,
		`parley_sessions_ended_total{reason="name_lost"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in:\n%s", want, grep(text, strings.SplitN(want, " ", 2)[0]))
		}
	}
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	if status, text := get(t, one["admin"], "/healthz"); status != 200 || text != "ok\n" {
		t.Errorf("%d %q", status, text)
	}
}
