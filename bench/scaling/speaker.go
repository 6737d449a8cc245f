package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// speech is what some speakers say.
type speech struct {
	speakers int
	burst    int           // lines of each that go out together
	every    time.Duration // open loop: a burst each; 0: when all of the one before is answered
	lasts    time.Duration
}

// spoken is what came of it.
type spoken struct {
	lines   int
	seconds float64
	waits   []time.Duration // of each line, for its answer
}

// text is 64 bytes, as parley load says.
var text = "msg " + strings.Repeat("x", 64) + "\n"

// say lets them speak to a node.
func (s speech) say(ctx context.Context, address string) (*spoken, error) {
	all := &spoken{}
	var group sync.WaitGroup
	var mu sync.Mutex // guards all and failed
	var failed error
	began := time.Now()
	for i := range s.speakers {
		group.Go(func() {
			waits, err := s.speak(ctx, address, time.Duration(i)*s.every/time.Duration(s.speakers))
			mu.Lock()
			defer mu.Unlock()
			all.waits = append(all.waits, waits...)
			if err != nil {
				failed = err
			}
		})
	}
	group.Wait()
	all.lines, all.seconds = len(all.waits), time.Since(began).Seconds()
	return all, failed
}

// speak is one speaker. Others' lines arrive here too, and are passed over.
func (s speech) speak(ctx context.Context, address string, after time.Duration) (waits []time.Duration, err error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	burst := []byte(strings.Repeat(text, s.burst))
	began := time.Now()
	for due := began.Add(after); due.Sub(began) < s.lasts && ctx.Err() == nil; due = due.Add(s.every) {
		if s.every > 0 {
			<-time.After(time.Until(due))
		}
		sent := time.Now()
		if s.every == 0 {
			due = sent
		}
		if _, err := conn.Write(burst); err != nil {
			return waits, err
		}
		for range s.burst {
			if err := answer(lines); err != nil {
				return waits, err
			}
			waits = append(waits, time.Since(sent))
		}
	}
	return waits, nil
}

// answer waits for the next msgok.
func answer(lines *bufio.Scanner) error {
	for lines.Scan() {
		switch word, _, _ := strings.Cut(lines.Text(), " "); word {
		case "msg":
		case "msgok":
			return nil
		default:
			return fmt.Errorf("the node answers %q", lines.Text())
		}
	}
	return fmt.Errorf("the node has closed: %w", lines.Err())
}
