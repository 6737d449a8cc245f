package session

import (
	"bytes"
	"runtime"
	"sync"
	"time"

	"parley/internal/hub"
	"parley/proto"
)

const (
	// maxAnswers is how many bytes of answers are gathered before they go out.
	maxAnswers = 16 << 10
	// maxSaid is how many bytes of messages travel as one block.
	maxSaid = 32 << 10
	// maxTalk is how many bytes of messages a session says before it lets the
	// writers that it has started run.
	maxTalk = 8 << 10
)

// MaxBlock is how many bytes a block of messages may have, lines having up to
// maxLine: cleaned, a text may be three times as long as it came.
func MaxBlock(maxLine int) int { return maxSaid + 3*maxLine + len("msg ") + proto.MaxName + len(" \n") }

// batch is what the lines of one read have brought about and is not out yet.
// Messages that came together are said together, as long as no other command
// stands between them; answers are sent together.
type batch struct {
	now      time.Time // when its messages are handled (P-60); zero until asked
	said     []byte    // public messages, encoded
	messages int       // how many are in said
	answers  []byte
	wake     []hub.Recipient // who has begun to have something to write

	// Whether the room was waited for. Once is enough: all lines of the batch were
	// sent before that.
	names, sayings bool

	lines [proto.NumVerbs]uint64 // read, by verb
}

// batches lend sessions the memory for their batches, so an idle session holds
// none.
var batches = sync.Pool{New: func() any { return new(batch) }}

func (s *Session) beginBatch() {
	s.batch = batches.Get().(*batch)
	s.batch.now = time.Time{}
	s.batch.names, s.batch.sayings = false, false
}

func (s *Session) settleNames() {
	if !s.batch.names {
		s.room.SettleNames()
		s.batch.names = true
	}
}

func (s *Session) settleSayings() {
	if !s.batch.sayings {
		s.room.SettleSayings()
		s.batch.sayings = true
	}
}

// endBatch lets all of the batch out and gives its memory back.
func (s *Session) endBatch() {
	if s.batch == nil {
		return
	}
	s.flush()
	s.batch.count(s.stats)
	s.letWrite()
	if b := s.batch; cap(b.answers)+cap(b.said) <= 4*maxSaid {
		batches.Put(b)
	}
	s.batch = nil
}

// letWrite wakes those who have something to write. First it lets others run who
// have something to say: what they say goes out in the same writes. Woken at
// once, a thousand writers would stand before them in the scheduler's queue.
//
// A talker whose next lines are there already lets the writers run now and then:
// else it would fill the outboxes of people who do read, and they would be cut
// as slow (P-71).
func (s *Session) letWrite() {
	wake := s.batch.wake
	if len(wake) == 0 && s.said <= maxTalk {
		return
	}
	runtime.Gosched()
	s.said = 0
	for _, r := range wake {
		r.Wake()
	}
	clear(wake)
	s.batch.wake = wake[:0]
}

// flush lets all of the batch out.
func (s *Session) flush() {
	s.say()
	if len(s.batch.answers) > 0 {
		s.sent(s.out.answer(s.batch.answers))
	}
}

// sent is called when the outbox has got the answers. Until they are written
// their memory is the outbox's.
func (s *Session) sent(written bool) {
	if written {
		s.batch.answers = s.batch.answers[:0]
		return
	}
	s.batch.answers = nil
	s.awaitRoom()
}

// awaitRoom waits until few enough bytes wait for the peer (P-71a).
func (s *Session) awaitRoom() {
	s.letWrite() // the room may depend on somebody whom this session has to wake
	s.out.awaitRoom()
	s.batch.now = time.Time{} // that may have taken a while
}

// say lets out the messages gathered, as one block, and answers them (P-50,
// P-82). Whatever else has an effect or an answer calls it first.
func (s *Session) say() {
	b := s.batch
	if b.messages == 0 {
		return
	}
	block := hub.NewBlock(bytes.Clone(b.said), b.messages)
	n, wake := s.room.Say(s.member, block, b.wake)
	b.wake = wake
	s.stats.countPublic(b.messages, n)
	if s.stamped {
		s.confirm(block, n)
	} else {
		for range b.messages {
			b.answers = proto.AppendMsgOK(b.answers, n)
		}
	}
	s.said += len(b.said)
	b.said, b.messages = b.said[:0], 0
}

// confirm answers the messages of a block that went to n others with their
// stamps, once it is known whether they are kept.
func (s *Session) confirm(block *hub.Block, n int) {
	s.letWrite() // others do not wait for the disk
	kept := block.Kept()
	for i := range s.batch.messages {
		stamp := block.Stamp(i)
		if !kept {
			stamp.ID = 0
		}
		s.batch.answers = proto.AppendMsgOKStamped(s.batch.answers, n, stamp)
	}
}

func (s *Session) reply(line string) {
	s.batch.answers = append(s.batch.answers, line...)
}

// clock is the time for all messages of the batch.
func (b *batch) clock() time.Time {
	if b.now.IsZero() {
		b.now = time.Now()
	}
	return b.now
}

// count adds the lines of the batch to st.
func (b *batch) count(st *Stats) {
	for verb, n := range b.lines {
		if n > 0 {
			st.Lines[verb].Add(n)
		}
	}
	clear(b.lines[:])
}
