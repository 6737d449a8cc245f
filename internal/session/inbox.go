package session

// inbox keeps what was said to a connection in sync mode, the newest of it
// (P-53, P-54). It is guarded by the lock of its outbox.
type inbox struct {
	maxLines int
	maxBytes int

	lines fifo[[]byte] // each with its LF and in memory of its own
	bytes int
}

// add keeps lines and returns how many have been dropped for them.
func (b *inbox) add(lines [][]byte) (dropped int) {
	// Those that cannot stay anyway are not worth the way.
	if dropped = len(lines) - b.maxLines; dropped > 0 {
		lines = lines[dropped:]
	}
	dropped = max(dropped, 0)
	for _, line := range lines {
		b.lines.push(line)
		b.bytes += len(line)
		for b.lines.len() > b.maxLines || b.bytes > b.maxBytes {
			b.bytes -= len(*b.lines.oldest())
			b.lines.pop()
			dropped++
		}
	}
	return dropped
}

// take empties the inbox and returns what was in it, oldest first.
func (b *inbox) take() [][]byte {
	lines := b.lines.all()
	b.lines, b.bytes = fifo[[]byte]{}, 0
	return lines
}
