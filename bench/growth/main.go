// Growth measures how the cost of a server grows: with recipients, with senders,
// with the size of a line, and with clients that poll users; ours beside the C
// loop of bench/floor. It writes the numbers and a plot of each curve to
// docs/performance. It is run from the root of the repository, on Linux:
//
//	go run ./bench/growth                        everything; half an hour
//	go run ./bench/growth -only users -runs 1    one curve, quickly
//	go run ./bench/growth -runs 0                only the plots, from the numbers
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

const folder = "docs/performance"

func main() {
	runs := flag.Int("runs", 3, "how often each point is measured; 0 only draws")
	only := flag.String("only", "", "one of "+strings.Join(names(curves()), ", ")+" alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *runs, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1) //nolint:forbidigo // this is a program, and its end
	}
}

func run(ctx context.Context, runs int, only string) error {
	wanted, err := choose(curves(), only)
	if err != nil {
		return err
	}
	numbers := filepath.Join(folder, "growth.json")
	res, err := readResults(numbers)
	if err != nil {
		return err
	}
	if runs > 0 {
		if err := measure(ctx, wanted, runs, res, os.Stderr); err != nil {
			return err
		}
		if err := res.write(numbers); err != nil {
			return err
		}
	}
	for _, c := range wanted {
		if len(res.Curves[c.name]) == 0 {
			return fmt.Errorf("%s has no numbers of %s to draw", numbers, c.name)
		}
		picture := filepath.Join(folder, c.name+".svg")
		if err := os.WriteFile(picture, []byte(c.plot(res.Curves[c.name]).Image()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
