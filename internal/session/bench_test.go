package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/history"
	"parley/internal/hub"
	"parley/proto"
)

// sink is a connection that takes everything at once.
type sink struct{ Conn }

func (sink) TryWrite(bufs [][]byte) (int, error) { return total(bufs), nil }
func (sink) Write(bufs [][]byte) (int, error)    { return total(bufs), nil }
func (sink) Refused() []byte                     { return nil }

func total(bufs [][]byte) (n int) {
	for _, b := range bufs {
		n += len(b)
	}
	return n
}

// newRoom is a hub as servers have it, what was said kept in memory.
func newRoom() (*hub.Hub, *history.History) {
	said, err := history.Open(history.Options{})
	if err != nil {
		panic(err)
	}
	return hub.New(said), said
}

func benchRoom() *hub.Hub {
	room, _ := newRoom()
	return room
}

// newMember is a session that writes to nothing. A hub has a name for everybody.
func newMember(room Room, opts *Options) *Session {
	s, err := New(sink{}, room, opts, new(Stats))
	if err != nil {
		panic(err)
	}
	return s
}

func benchOptions() *Options {
	_, said := newRoom()
	return &Options{
		History:  said,
		SpamRate: 1_000_000, SpamBlock: time.Second,
		InboxLimit: 1000, InboxBytes: 1 << 20, OutboxLimit: 1 << 20,
		Jokes: []string{"ha"},
	}
}

// BenchmarkCommands is what sixteen lines that one read brought cost a session
// that is alone.
func BenchmarkCommands(b *testing.B) {
	for _, command := range []string{"help", "users", "msg hello there", "login bob", "joke"} {
		b.Run(strings.Fields(command)[0], func(b *testing.B) {
			s := newMember(benchRoom(), benchOptions())
			line := []byte(command)
			b.ReportAllocs()
			for b.Loop() {
				for range 16 {
					s.handle(line, nil)
				}
				s.endBatch()
			}
		})
	}
}

// BenchmarkFanout is what a message to so many members costs, writing left out:
// parse, clean, encode, queue, take off the queue.
func BenchmarkFanout(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			room, opts := benchRoom(), benchOptions()
			talker := newMember(room, opts)
			members := make([]*Session, n)
			for i := range members {
				members[i] = newMember(room, opts)
			}
			line := []byte("msg hello there, how are you all today?")
			b.ReportAllocs()
			for b.Loop() {
				talker.handle(line, nil)
				talker.endBatch()
			}
			for _, m := range members {
				m.out.awaitEmpty()
			}
		})
	}
}

// BenchmarkInbox is what a message costs that waits for a member in sync mode,
// the inbox being full.
func BenchmarkInbox(b *testing.B) {
	room, opts := benchRoom(), benchOptions()
	s, talker := newMember(room, opts), newMember(room, opts)
	s.handle([]byte("sync"), nil)
	line := []byte("msg hello there, how are you all today?")
	for range opts.InboxLimit {
		talker.handle(line, nil)
		talker.endBatch()
	}
	b.ReportAllocs()
	for b.Loop() {
		talker.handle(line, nil)
		talker.endBatch()
	}
}

// BenchmarkAnswer is what it costs to have an answer written at once.
func BenchmarkAnswer(b *testing.B) {
	s := newMember(benchRoom(), benchOptions())
	answer := []byte(proto.HelpAnswer)
	b.ReportAllocs()
	for b.Loop() {
		s.out.answer(answer)
	}
}
