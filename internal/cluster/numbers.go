package cluster

import "sync"

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
