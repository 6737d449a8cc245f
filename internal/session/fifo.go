package session

// fifo is a queue in one slice. The zero value is an empty queue, which holds
// next to no memory; so does one that has been emptied.
type fifo[T any] struct {
	items []T // those before head are zero
	head  int
}

// keepCap is the room that an emptied queue keeps, so that a queue which goes
// back and forth between nothing and a little does not allocate.
const keepCap = 4

func (q *fifo[T]) len() int { return len(q.items) - q.head }

// all is what is queued, oldest first; valid until the next push or pop.
func (q *fifo[T]) all() []T { return q.items[q.head:] }

// oldest and newest may be called only when there is something.
func (q *fifo[T]) oldest() *T { return &q.items[q.head] }
func (q *fifo[T]) newest() *T { return &q.items[len(q.items)-1] }

func (q *fifo[T]) push(v T) {
	// Moving the rest down only when most is free costs each item one move.
	if len(q.items) == cap(q.items) && q.head > len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, v)
}

// pop removes the oldest.
func (q *fifo[T]) pop() {
	var zero T
	q.items[q.head] = zero
	q.head++
	if q.len() == 0 {
		q.reset()
	}
}

// reset removes everything.
func (q *fifo[T]) reset() {
	if cap(q.items) > keepCap {
		q.items = nil
	}
	clear(q.items)
	q.items, q.head = q.items[:0], 0
}
