package session

import (
	"errors"
	"os"
	"sync"

	"parley/internal/hub"
	"parley/proto"
)

const (
	// backlog is how much may wait for a peer before we stop reading its
	// commands (P-71a), in bytes.
	backlog = 64 << 10
	// gather is how many entries go into one system call at the most.
	gather = 64
)

// outbox is what waits to be sent to one peer: answers, and what others say.
// It holds references: what goes to many is in memory once. Nobody who puts
// something in ever waits; a goroutine that lives only while something waits
// does the writing.
type outbox struct {
	// Fixed after construction.
	session *Session // whose it is: its connection is written to, and ended
	limit   int      // bytes of other people's messages that may wait (P-71b)
	write   func()   // is drain; made once, so that starting it allocates nothing

	mu      sync.Mutex // guards all below; never held during a write
	changed sync.Cond  // the queue got shorter, or the outbox was shut
	queue   fifo[entry]
	waiting int  // bytes in queue
	foreign int  // those of them that other people said
	writing bool // somebody is writing: drain, or writeNow
	shut    bool // nothing goes out any more
	inSync  bool // what others say goes to the inbox (P-41)
	stamped bool // messages are written with their stamps
	inbox   inbox
}

// entry is one piece of the stream: whole lines, that nobody changes.
type entry struct {
	bytes   []byte
	foreign bool // said by others, so it counts in P-71b
	held    bool // a place: its bytes are still to come, and nothing goes out before
}

// iovecs lend the memory for the arguments of one write.
var iovecs = sync.Pool{New: func() any { return new([gather][]byte) }}

func (o *outbox) init(s *Session, opts *Options) {
	o.session = s
	o.limit = opts.OutboxLimit
	o.write = o.drain
	o.changed.L = &o.mu
	o.inbox.maxLines = opts.InboxLimit
	o.inbox.maxBytes = opts.InboxBytes
}

// Deliver queues what others said, or keeps it in the inbox. It is called with
// the hub's lock held, for one block after the other. It reports whether nobody
// writes yet: then somebody has to [outbox.Wake] it.
func (o *outbox) Deliver(b *hub.Block) (wake bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.shut:
	case o.inSync:
		if dropped := o.inbox.add(b.Lines()); dropped > 0 {
			o.session.stats.InboxDrops.Add(uint64(dropped))
		}
	default:
		return o.deliver(b)
	}
	return false
}

// deliver queues b, or ends the session of a peer for whom too much waits. The
// lock is held.
func (o *outbox) deliver(b *hub.Block) (wake bool) {
	wire := b.Wire()
	if o.stamped {
		wire = b.Stamped()
	}
	if o.foreign+len(wire) > o.limit {
		o.close()
		o.session.cut()
		return false
	}
	o.add(entry{bytes: wire, foreign: true})
	wake, o.writing = !o.writing, true
	return wake
}

// Wake starts the writing that Deliver has asked for.
func (o *outbox) Wake() { go o.write() }

// NameLost ends the session: its name belongs to somebody else by now.
func (o *outbox) NameLost() { o.session.interrupt(NameLost) }

// answer queues whole lines that answer the peer, which the outbox owns until
// they are written. It reports whether that is so already.
func (o *outbox) answer(lines []byte) (written bool) {
	o.mu.Lock()
	o.add(entry{bytes: lines})
	return o.writeNow()
}

// answerMode queues lines, the last of which answers sync or async, and
// switches at just this point of the stream: nothing is lost or doubled, and
// in sync mode no message stands before the answer that async gets (P-42).
func (o *outbox) answerMode(lines []byte, inSync bool) (written bool) {
	o.mu.Lock()
	o.inSync = inSync
	o.add(entry{bytes: lines})
	return o.writeNow()
}

// answerInbox queues lines and behind them, as one block, how many messages the
// inbox holds and these (P-53). The inbox is empty afterwards.
func (o *outbox) answerInbox(lines []byte) (written bool) {
	o.mu.Lock()
	messages := o.inbox.take()
	o.add(entry{bytes: proto.AppendInbox(lines, len(messages))})
	for _, m := range messages {
		o.add(entry{bytes: onWire(m, o.stamped)})
	}
	return o.writeNow()
}

// answerStamp queues lines, the last of which answers stamp, and from just this
// point of the stream on messages have their stamps.
func (o *outbox) answerStamp(lines []byte) (written bool) {
	o.mu.Lock()
	o.stamped = true
	o.add(entry{bytes: lines})
	return o.writeNow()
}

// hold keeps a place for an answer: what others say from now on comes behind it
// . [outbox.release] follows.
func (o *outbox) hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(entry{held: true})
}

// release fills the place that is held.
func (o *outbox) release(lines []byte) (written bool) {
	o.mu.Lock()
	for i := range o.queue.all() {
		if e := &o.queue.all()[i]; e.held {
			*e = entry{bytes: lines}
			o.waiting += len(lines)
		}
	}
	return o.writeNow()
}

// add queues e. The lock is held.
func (o *outbox) add(e entry) {
	if o.shut {
		return
	}
	o.queue.push(e)
	o.waiting += len(e.bytes)
	if e.foreign {
		o.foreign += len(e.bytes)
	}
}

// drain writes until nothing waits. Whoever shuts the outbox down waits for it.
func (o *outbox) drain() {
	iov := iovecs.Get().(*[gather][]byte)
	defer iovecs.Put(iov)
	n := 0
	for {
		o.mu.Lock()
		bufs := o.advance(n, iov)
		o.mu.Unlock()
		if bufs == nil {
			return
		}
		var err error
		n, err = o.session.conn.Write(bufs)
		if err != nil {
			o.fail(err)
			return
		}
	}
}

// writeNow writes, if nobody else does, as much of what is queued as the
// network takes at once, in this goroutine; a goroutine of its own only does
// the rest. The lock is held and given back. It reports whether nothing waits
// any more: all is written, or the outbox was shut.
func (o *outbox) writeNow() (written bool) {
	if o.writing || o.shut {
		o.mu.Unlock()
		return false
	}
	o.writing = true
	iov := iovecs.Get().(*[gather][]byte)
	defer iovecs.Put(iov)
	bufs := o.advance(0, iov)
	o.mu.Unlock()

	n, err := o.session.conn.TryWrite(bufs)
	if err != nil {
		o.fail(err)
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.advance(n, iov) == nil {
		return true
	}
	go o.write()
	return false
}

// advance takes n written bytes off the queue and returns what is to be written
// next, or nil when there is nothing and the writing has ended. The lock is
// held, and the caller is the one who writes.
func (o *outbox) advance(n int, iov *[gather][]byte) [][]byte {
	if !o.shut {
		o.forget(n)
	}
	if o.queue.len() == 0 || o.queue.oldest().held {
		o.writing = false
		o.changed.Broadcast()
		return nil
	}
	if o.waiting <= backlog {
		o.changed.Broadcast()
	}
	bufs := iov[:0]
	for _, e := range o.queue.all()[:min(o.queue.len(), gather)] {
		if e.held {
			break
		}
		bufs = append(bufs, e.bytes)
	}
	return bufs
}

// forget takes n written bytes off the queue. The lock is held.
func (o *outbox) forget(n int) {
	o.waiting -= n
	for n > 0 && o.queue.len() > 0 {
		e := o.queue.oldest()
		took := min(n, len(e.bytes))
		if e.foreign {
			o.foreign -= took
		}
		n -= took
		if e.bytes = e.bytes[took:]; len(e.bytes) == 0 {
			o.queue.pop()
		}
	}
}

// fail ends the writing: of a peer that takes nothing for too long (P-71c), or
// one whose connection broke.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = false
	wasShut := o.shut
	o.close()
	switch {
	case wasShut:
	case errors.Is(err, os.ErrDeadlineExceeded):
		o.session.cut()
	default:
		o.session.lose()
	}
}

// close drops what waits and everything that comes. The lock is held.
func (o *outbox) close() {
	o.shut = true
	o.queue.reset()
	o.waiting, o.foreign = 0, 0
	o.inbox.take()
	o.changed.Broadcast()
}

// abort is close for whoever does not hold the lock.
func (o *outbox) abort() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.close()
}

func (o *outbox) queued() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting
}

// awaitRoom waits until no more than the backlog waits. It ends at the latest
// when the peer is cut for taking nothing.
func (o *outbox) awaitRoom() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.waiting > backlog {
		o.changed.Wait()
	}
}

// awaitEmpty waits until everything is written or nothing goes out any more,
// and nobody writes.
func (o *outbox) awaitEmpty() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.writing {
		o.changed.Wait()
	}
}
