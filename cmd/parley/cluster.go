package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley/internal/cluster"
	"parley/internal/history"
	"parley/proto"
)

// clusterFlags say which cluster is meant.
func clusterFlags(flags *pflag.FlagSet, o *cluster.Options) {
	flags.StringVar(&o.URLs, "cluster", "", "be one chat with other servers, over NATS at these `urls`: nats://host:4222,…")
	flags.StringVar(&o.Name, "cluster-name", defaultCluster, "those with one `name` are one chat")
	flags.StringVar(&o.Credentials, "cluster-creds", "", "`file` of credentials for NATS")
	flags.StringVar(&o.CA, "cluster-ca", "", "PEM `file` of whom to trust for NATS over TLS, beside the system's")
}

const defaultCluster = "parley"

// clusterNodeFlags say what a node of it does.
func clusterNodeFlags(flags *pflag.FlagSet, o *cluster.Options, keep *string) {
	flags.StringVar(&o.Node, "cluster-node", "", "`name` of this node, for people; without it that of the machine")
	flags.IntVar(&o.Replicas, "cluster-replicas", cluster.DefaultReplicas, "NATS servers that keep each message and each name")
	flags.StringVar(keep, "cluster-keep", cluster.DefaultKeep, "what NATS keeps of what was said: 30d, or a `number` of messages")
}

// clusterOnly are the settings that mean nothing without --cluster.
var clusterOnly = []string{"cluster-name", "cluster-creds", "cluster-ca", "cluster-node", "cluster-replicas", "cluster-keep"}

// readCluster takes the settings of the cluster together.
func (f *serveFlags) readCluster() error {
	if f.opts.Cluster.URLs == "" {
		for _, name := range clusterOnly {
			if f.settings.given(name) {
				return f.settings.wrong(name, "it is about a cluster, and there is none: give --cluster too")
			}
		}
		return nil
	}
	keep, err := history.ParseKeep(f.clusterKeep)
	if err != nil {
		return f.settings.wrong("cluster-keep", err.Error())
	}
	f.opts.Cluster.Keep = keep
	return nil
}

func newCluster(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: "Look at servers that are one chat together",
		Long: `cluster is about servers that were started with parley serve --cluster: they have
the same names and the same public room. NATS is between them.`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newClusterStatus(w))
	return cmd
}

func newClusterStatus(w world) *cobra.Command {
	var settings settings
	var opts cluster.Options
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell which nodes there are, and how they are",
		Long: `status asks NATS and the nodes themselves. Exit code 1: a node does not answer, or
NATS cannot be reached.`,
		Example: "  parley cluster status --cluster nats://127.0.0.1:4222 --cluster-name lab",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if option, problem := opts.Validate(); problem != "" {
				return settings.wrong(option, problem)
			}
			report, err := cluster.Inspect(cmd.Context(), opts)
			if err != nil {
				return err
			}
			return printCluster(w.out, report)
		},
	}
	settings.flags = cmd.Flags()
	clusterFlags(cmd.Flags(), &opts)
	return cmd
}

// printCluster writes a report as tables. The error is that a node is silent.
func printCluster(out io.Writer, r *cluster.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "cluster\t%s\n", r.Cluster)
	fmt.Fprintf(t, "NATS\t%s\n", proto.Visible(r.NATS))
	fmt.Fprintf(t, "said\t%d blocks of messages, %s, numbers %d to %d\n", r.Messages, humanize.IBytes(r.Bytes), r.First, r.Last)
	for _, replica := range r.Replicas {
		fmt.Fprintf(t, "kept by\t%s\n", replicaText(replica))
	}
	fmt.Fprintf(t, "users\t%d\n", r.Users)
	fmt.Fprintf(t, "nodes\t%d\n\n", len(r.Nodes))
	fmt.Fprintln(t, "NODE\tUSERS\tBEHIND\tUP\tNATS SERVER")
	silent := 0
	for _, n := range r.Nodes {
		behind, server := fmt.Sprint(n.Lag), proto.Visible(n.NATS)
		if !n.Answered {
			silent++
			behind, server = "?", "no answer"
		}
		up := time.Since(n.Started).Truncate(time.Second)
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\n", proto.Visible(n.Node), n.Users, behind, up, server)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if silent > 0 {
		return fmt.Errorf("%d of %d nodes do not answer", silent, len(r.Nodes))
	}
	return nil
}

func replicaText(r cluster.Replica) string {
	switch {
	case r.Leader:
		return proto.Visible(r.Server) + ", the leader"
	case !r.Current:
		return proto.Visible(r.Server) + ", not up to date"
	}
	return proto.Visible(r.Server)
}
