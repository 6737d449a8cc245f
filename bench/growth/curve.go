package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/internal/load"
)

// curve is one question: how does the cost grow with this?
type curve struct {
	name       string // of its file
	x, y       string // what the axes are called
	logX, logY bool
	cost       func(*load.Report) float64
	lines      []line
}

// line is one answer, for each server.
type line struct {
	name  string // what is special about it; "" is nothing
	steps []step
}

// step is one load, and what it stands for on the x axis.
type step struct {
	x    int
	load load.Options
}

// duration of each measurement.
const duration = 5 * time.Second

// curves are all there are. Windows are such that senders × window × size stays
// below what a server lets wait for a receiver (see [load.Options.Warnings]), and
// the same along a curve as far as they can be: 15 lines are the most that may be
// under way where they have 4,096 bytes.
func curves() []curve {
	return []curve{
		fanoutCurve("recipients", "recipients of each line", false,
			step{10, fanout(10, 4, 32, 64)}, step{100, fanout(100, 4, 32, 64)}, step{1000, fanout(1000, 4, 32, 64)},
			step{5000, fanout(5000, 4, 32, 64)}, step{15_000, fanout(15_000, 4, 32, 64)}),
		fanoutCurve("windows", "lines under way from each of 4 senders", true,
			step{1, fanout(1000, 4, 1, 64)}, step{4, fanout(1000, 4, 4, 64)}, step{16, fanout(1000, 4, 16, 64)},
			step{64, fanout(1000, 4, 64, 64)}, step{256, fanout(1000, 4, 256, 64)}),
		fanoutCurve("senders", "senders", false,
			step{1, fanout(1000, 1, 128, 64)}, step{4, fanout(1000, 4, 32, 64)}, step{64, fanout(1000, 64, 2, 64)},
			step{1000, fanout(1000, 1000, 1, 64)}),
		fanoutCurve("sizes", "bytes of each text", true,
			step{16, fanout(1000, 4, 15, 16)}, step{64, fanout(1000, 4, 15, 64)}, step{512, fanout(1000, 4, 15, 512)},
			step{4096, fanout(1000, 4, 15, 4096)}),
		usersCurve(100, 500, 1000, 2000, 3000),
	}
}

// fanoutCurve is about the server's work for one delivery.
func fanoutCurve(name, x string, logY bool, steps ...step) curve {
	return curve{
		name: name, x: x, y: "µs of CPU for a delivery", logX: true, logY: logY, lines: []line{{"", steps}},
		cost: func(r *load.Report) float64 { return r.Server.CPUMicros },
	}
}

// fanout is a load of senders who speak as fast as everybody hears them. Nobody
// hears himself, so there is one client more than recipients.
func fanout(recipients, senders, window, size int) load.Options {
	o := load.Defaults(load.Fanout)
	o.Clients, o.Senders, o.Window, o.Size, o.Duration = recipients+1, senders, window, size, duration
	return o
}

// usersCurve is about what it costs that everybody asks for the users all the
// time: the answers grow with the clients, and so does the number of those who
// ask.
func usersCurve(clients ...int) curve {
	polled, alone := line{name: "polled"}, line{name: "no polls"}
	for _, n := range clients {
		polled.steps = append(polled.steps, step{n, chat(n, 3*time.Second)})
		alone.steps = append(alone.steps, step{n, chat(n, 0)})
	}
	return curve{
		name: "users", x: "clients, each of which asks for the users every 3 s", y: "CPU, % of one core",
		lines: []line{polled, alone},
		cost:  func(r *load.Report) float64 { return 100 * r.Server.CPUS / r.Server.Seconds },
	}
}

// chat is a load of a few who speak once a second: little enough that all is in
// time with 3,000 clients. Where it is not, lines gather, and cost less.
func chat(clients int, poll time.Duration) load.Options {
	o := load.Defaults(load.Latency)
	o.Clients, o.Rate, o.Poll, o.Duration = clients, 1, poll, 2*duration
	return o
}

// flags are what parley load is told.
func flags(o load.Options) []string {
	all := []string{
		"--scenario", o.Scenario, "--clients", strconv.Itoa(o.Clients), "--senders", strconv.Itoa(o.Senders),
		"--size", strconv.Itoa(o.Size), "--duration", o.Duration.String(),
	}
	if o.Scenario == load.Fanout {
		return append(all, "--window", strconv.Itoa(o.Window))
	}
	return append(all, "--rate", strconv.FormatFloat(o.Rate, 'g', -1, 64), "--poll", o.Poll.String())
}

// choose returns the curve of that name; "" is all.
func choose(all []curve, only string) ([]curve, error) {
	if only == "" {
		return all, nil
	}
	for _, c := range all {
		if c.name == only {
			return []curve{c}, nil
		}
	}
	return nil, fmt.Errorf("-only: %q is not one of %s", only, strings.Join(names(all), ", "))
}

func names(all []curve) (list []string) {
	for _, c := range all {
		list = append(list, c.name)
	}
	return list
}
