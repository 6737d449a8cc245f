package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// What the lines of a server begin with.
var (
	wordMsg       = []byte("msg ")
	wordMsgOK     = []byte("msgok ")
	wordMsgErr    = []byte("msgerr ")
	wordCmdErr    = []byte("cmderr ")
	wordSpam      = []byte("msgerr spam")
	wordUsers     = []byte("users ")
	wordSupported = []byte("supported ")
)

// listen reads until the connection ends, or the last fence was answered and
// nothing is missing. It owns the client's ledger and all counts.
func (c *client) listen() {
	defer close(c.done)
	for {
		now := c.run.now()
		c.takeAll(now)
		c.batch.flush(now, c.run.slotWidth)
		if c.final && c.ledger.complete(c.run.said, c.index) {
			return
		}
		if err := c.lines.Wait(); err != nil {
			c.ended(err)
			return
		}
	}
}

// ended notes why the reading ended, if it was not us who ended it.
func (c *client) ended(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) || c.vanished.Load() {
		return
	}
	c.end = c.reason(context.Background(), err)
	c.run.cutOff()
}

// takeAll takes the lines that have come.
func (c *client) takeAll(now int64) {
	for {
		line, ok, err := c.lines.Next()
		if !ok {
			return
		}
		if err != nil {
			c.unknown++ // longer than any line there is
			continue
		}
		c.take(line, now)
	}
}

// take accounts for one line.
func (c *client) take(line []byte, now int64) {
	switch {
	case bytes.HasPrefix(line, wordMsg):
		c.hear(line[len(wordMsg):], now)
	case bytes.HasPrefix(line, wordMsgOK):
		c.answered(c.said, now, false)
	case bytes.HasPrefix(line, wordUsers):
		c.answered(c.asked, now, false)
	case bytes.HasPrefix(line, wordSupported):
		c.supported(now)
	case bytes.HasPrefix(line, wordMsgErr), bytes.HasPrefix(line, wordCmdErr):
		c.refused(line, now)
	case isMessage(line):
		c.other++
	default:
		c.unknown++
	}
}

// hear accounts for a message, without the word before the sender's name.
func (c *client) hear(line []byte, now int64) {
	r := c.run
	name, text, _ := bytes.Cut(line, []byte{' '})
	if len(text) < markSize || string(text[:tagSize]) != r.tag {
		if bytes.HasPrefix(name, r.prefix) {
			c.unknown++ // one of us would not say that
		} else {
			c.other++
		}
		return
	}
	m, ok := parseMark(text[tagSize:])
	if !ok || len(text) != r.opts.Size || m.sender >= len(r.speakers) || string(name) != r.speakers[m.sender].name {
		c.unknown++
		return
	}
	before, after := c.ledger.take(m.sender, m.seq)
	if v := r.speakers[m.sender].said; v.shift != noEpochs {
		v.heardBy(before, after, &r.hearers)
	}
	c.batch.add(delivery, m.stamp, now, r.slotWidth)
}

// answered accounts for the answer to the oldest line of a voice.
func (c *client) answered(v *voice, now int64, refused bool) {
	if v == nil {
		c.unknown++
		return
	}
	stamp, ok := v.answer(refused)
	if !ok {
		c.unknown++
		return
	}
	c.batch.add(answer, stamp, now, c.run.slotWidth)
	v.nudge()
}

// supported accounts for an answer to help: to a question, if these ask for
// help, or to a fence.
func (c *client) supported(now int64) {
	if c.asked != nil && c.run.opts.Scenario == Requests && c.asked.answered.Load() < c.asked.sent.Load() {
		c.answered(c.asked, now, false)
		return
	}
	if c.fenced.Load() == c.fences.Load() {
		c.unknown++
		return
	}
	if c.fenced.Add(1) == maxFences {
		<-c.run.settled // it is: the last fence is sent afterwards
		c.final = true
		time.AfterFunc(c.run.grace, c.lines.Interrupt)
	}
	c.reached <- struct{}{}
}

// refused accounts for a line that the server did not want. That ends the run:
// load that is refused is none.
func (c *client) refused(line []byte, now int64) {
	if bytes.HasPrefix(line, wordSpam) {
		c.run.stop(errSpam)
	} else {
		c.run.stop(fmt.Errorf("the server refused a line: %q", line[:min(len(line), 80)]))
	}
	if c.said != nil && c.said.answered.Load() < c.said.sent.Load() {
		c.answered(c.said, now, true)
	} else {
		c.answered(c.asked, now, true)
	}
}
