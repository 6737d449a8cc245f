package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// blockOfNumbers is how many given names a node may give before it needs the next
// block (P-20).
const blockOfNumbers = 1000

// numbers are those in given names that this node may use: a block, and one spare
// for when NATS cannot be asked.
type numbers struct {
	low chan struct{} // a block is missing; one is enough

	mu     sync.Mutex // guards all below
	blocks []span     // at most two
}

// span is the numbers from next up to end.
type span struct{ next, end int }

// take returns the next number, or that there is none.
func (n *numbers) take() (number int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.blocks) < 2 {
		select {
		case n.low <- struct{}{}:
		default:
		}
	}
	if len(n.blocks) == 0 {
		return 0, false
	}
	b := &n.blocks[0]
	number = b.next
	if b.next++; b.next > b.end {
		n.blocks = n.blocks[1:]
	}
	return number, true
}

// missing reports whether there is room for another block.
func (n *numbers) missing() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.blocks) < 2
}

// add puts a block of numbers at the end, those after last.
func (n *numbers) add(last int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.blocks = append(n.blocks, span{last + 1, last + blockOfNumbers})
}

// takeNumbers gets blocks of numbers until there is one in use and one spare.
func (l *link) takeNumbers() error {
	n := &l.room.numbers
	for n.missing() {
		last, err := l.countOn()
		if isConflict(err) {
			continue
		}
		if err != nil {
			return err
		}
		n.add(last)
	}
	return nil
}

// countOn moves the counter of given names on by one block, and returns where it
// was.
func (l *link) countOn() (last int, err error) {
	var found jetstream.KeyValueEntry
	err = l.do(func(ctx context.Context) (err error) {
		found, err = l.bucket.Get(ctx, numbersKey)
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, l.do(func(ctx context.Context) error {
			_, err := l.bucket.Create(ctx, numbersKey, []byte(strconv.Itoa(blockOfNumbers)))
			return err
		})
	}
	if err != nil {
		return 0, err
	}
	if last, err = strconv.Atoi(string(found.Value())); err != nil {
		l.fail(fmt.Errorf("the bucket's %s is no number: %q", numbersKey, found.Value()))
		return 0, errApart
	}
	return last, l.do(func(ctx context.Context) error {
		_, err := l.bucket.Update(ctx, numbersKey, []byte(strconv.Itoa(last+blockOfNumbers)), found.Revision())
		return err
	})
}

// fetchNumbers gets the next block whenever one is missing.
func (l *link) fetchNumbers() {
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-l.room.numbers.low:
		}
		if l.takeNumbers() != nil {
			return
		}
	}
}
