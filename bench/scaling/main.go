// Scaling says what a cluster of parley nodes costs, and where it ends. It measures
// what a node, a user and a message cost, reckons from that what more of them would,
// and plays the nodes' queues to see how late lines get. It writes the tables of
// docs/scaling.md and the plots beside it. It is run from the root of the
// repository:
//
//	go run ./bench/scaling              reckon and play, from the numbers in docs/scaling
//	go run ./bench/scaling -measure     measure them anew first, on Linux; a quarter of an hour
//
// What is measured is a nats-server and nodes, each a process, all on this machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

const (
	folder = "docs/scaling"
	page   = "docs/scaling.md"
)

func main() {
	anew := flag.Bool("measure", false, "measure the costs anew")
	only := flag.String("only", "", "measure only this: "+experimentNames())
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *anew, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1) //nolint:forbidigo // this is a program, and its end
	}
}

func run(ctx context.Context, anew bool, only string) error {
	numbers := filepath.Join(folder, "measured.json")
	m, err := readMeasured(numbers)
	if err != nil {
		return err
	}
	if anew {
		if err := measure(ctx, m, only, os.Stderr); err != nil {
			return err
		}
		if err := m.write(numbers); err != nil {
			return err
		}
	}
	return report(m)
}
