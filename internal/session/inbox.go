package session

import (
	"parley/internal/hub"
	"parley/proto"
)

// inbox keeps what was said to a connection in sync mode, the newest of it
// (P-53, P-54). It is guarded by the lock of its outbox.
type inbox struct {
	maxLines int
	maxBytes int

	lines fifo[hub.Line]
	bytes int
}

// add keeps lines and returns how many have been dropped for them.
func (b *inbox) add(lines []hub.Line) (dropped int) {
	// Those that cannot stay anyway are not worth the way.
	if dropped = len(lines) - b.maxLines; dropped > 0 {
		lines = lines[dropped:]
	}
	dropped = max(dropped, 0)
	for _, line := range lines {
		b.lines.push(line)
		b.bytes += len(line.Bytes)
		for b.lines.len() > b.maxLines || b.bytes > b.maxBytes {
			b.bytes -= len(b.lines.oldest().Bytes)
			b.lines.pop()
			dropped++
		}
	}
	return dropped
}

// take empties the inbox and returns what was in it, oldest first.
func (b *inbox) take() []hub.Line {
	lines := b.lines.all()
	b.lines, b.bytes = fifo[hub.Line]{}, 0
	return lines
}

// onWire is a line of the inbox as it goes out.
func onWire(l hub.Line, stamped bool) []byte {
	if !stamped {
		return l.Bytes
	}
	return append(proto.AppendStamp(nil, l.Stamp), l.Bytes...)
}
