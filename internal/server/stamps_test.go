package server_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/internal/server"
	"parley/proto"
)

// The answer to history is a cut of the stream that it stands in: of what is
// asked for it omits nothing that came live before it, and holds nothing that
// comes live after it. So a client that reconnects has no gap and no double.
//
// Rules
func TestHistoryIsACut(t *testing.T) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "said.db")} {
		t.Run(name, func(t *testing.T) {
			const talkers, each, looks = 4, 300, 40
			opts := options()
			opts.SpamRate, opts.History = 0, file
			_, addrs := start(t, opts)
			p := join(t, addrs["chat"])
			p.expect("stamp", "modeok")
			peers := make([]*peer, talkers)
			for i := range peers {
				peers[i] = join(t, addrs["chat"])
				peers[i].expect(fmt.Sprintf("login u%d", i), "loginok")
			}
			var wg sync.WaitGroup
			for i, q := range peers {
				wg.Go(func() {
					for j := range each {
						q.send(fmt.Sprintf("msg %d %d\n", i, j))
					}
				})
				wg.Go(func() { hear(q, talkers, each, (talkers-1)*each) })
			}
			s := looker{peer: p}
			for i := range looks {
				if i%2 == 0 {
					s.look("history 1000", 1000, 0)
				} else {
					s.look(fmt.Sprintf("history since %d 1000", s.last()), 1000, s.last())
				}
			}
			wg.Wait()
			s.look("history 1000", 1000, 0)
			late := looker{peer: join(t, addrs["chat"])}
			late.peer.expect("stamp", "modeok")
			late.look("history since 1 1000", 1000, 1)
			for len(late.seen()) < talkers*each {
				late.look(fmt.Sprintf("history since %d 1000", late.last()), 1000, late.last())
			}
			if want := s.seen(); !slices.Equal(late.seen(), want) {
				t.Errorf("who came late has %d messages, who was there %d", len(late.seen()), len(want))
			}
		})
	}
}

// looker is what one stamped connection has seen.
type looker struct {
	peer  *peer
	live  []int64 // IDs, in the order of the stream
	block []int64 // IDs of all blocks
}

// last is the newest ID of the stream.
func (s *looker) last() int64 {
	newest := int64(1)
	for _, ids := range [][]int64{s.live, s.block} {
		for _, id := range ids {
			newest = max(newest, id)
		}
	}
	return newest
}

// seen is every ID, live or in a block, once.
func (s *looker) seen() []int64 {
	all := slices.Concat(s.live, s.block)
	slices.Sort(all)
	return slices.Compact(all)
}

// look asks for up to n messages after an ID and holds the answer to what came
// live.
func (s *looker) look(command string, n int, after int64) {
	t := s.peer.t
	t.Helper()
	s.peer.send(command + "\n")
	count := -1
	for count < 0 {
		l := s.next()
		if l.Kind == proto.HistoryFollows {
			count = l.Count
			continue
		}
		if len(s.live) > 0 && l.Stamp.ID <= s.live[len(s.live)-1] {
			t.Fatalf("live ID %d after %d", l.Stamp.ID, s.live[len(s.live)-1])
		}
		if slices.Contains(s.block, l.Stamp.ID) {
			t.Fatalf("ID %d was in a block before it came live", l.Stamp.ID)
		}
		s.live = append(s.live, l.Stamp.ID)
	}
	var block []int64
	for range count {
		l := s.next()
		if !l.IsMessage() || len(block) > 0 && l.Stamp.ID <= block[len(block)-1] {
			t.Fatalf("in the block: %+v", l)
		}
		block = append(block, l.Stamp.ID)
	}
	s.block = append(s.block, block...)
	asked := slices.DeleteFunc(slices.Clone(s.live), func(id int64) bool { return id <= after })
	if count < n {
		for _, id := range asked {
			if !slices.Contains(block, id) {
				t.Fatalf("%s: ID %d came live before the block of %d and is not in it", command, id, count)
			}
		}
	}
}

func (s *looker) next() proto.ServerLine {
	s.peer.t.Helper()
	line := s.peer.line()
	l, err := proto.ParseServerLine([]byte(line))
	if err != nil {
		s.peer.t.Fatalf("%q: %v", line, err)
	}
	l.Sender, l.Text = slices.Clone(l.Sender), slices.Clone(l.Text)
	return l
}

// A file that is no history stops the start, with the setting that it is about.
func TestHistoryFileOfAnother(t *testing.T) {
	opts := options()
	opts.History = t.TempDir()
	_, err := server.Listen(opts)
	if bad, ok := errors.AsType[*server.OptionError](err); !ok || bad.Option != "history" || !strings.Contains(bad.Problem, opts.History) {
		t.Errorf("%v", err)
	}
}
