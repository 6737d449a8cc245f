package hub

import (
	"bytes"

	"parley/proto"
)

// Saved tells whether messages have been kept, waiting until that is known. It is
// an alias so that a [Keeper] need not know this package.
type Saved = interface{ Kept() bool }

// MaxLines is how many lines a block has at the most: a cluster numbers lines within
// their block (decision 21).
const MaxLines = 128

// Block is what one member said in one go: one or more lines, encoded once for
// all who get them.
type Block struct {
	wire []byte
	n    int // lines in wire

	// Set when it is said, before anybody gets it.
	first proto.Stamp // of the first line; the others have the IDs after it
	saved Saved       // nil: there is nothing to wait for

	// Made when somebody first wants them. Guarded by the hub's lock: asked for
	// only in Deliver.
	lines   []Line
	stamped []byte
}

// Line is one line of a block, apart: who keeps it does not keep the whole block
// in memory.
type Line struct {
	Bytes []byte // with its LF
	Stamp proto.Stamp
}

// NewBlock returns the block of the n whole lines in wire, which nobody may
// change from then on.
func NewBlock(wire []byte, n int) *Block { return &Block{wire: wire, n: n} }

// Wire is all lines, each with its LF.
func (b *Block) Wire() []byte { return b.wire }

// Stamp is that of line i, once it is said. A private message has ID 0.
func (b *Block) Stamp(i int) proto.Stamp {
	s := b.first
	if s.ID > 0 {
		s.ID += int64(i)
	}
	return s
}

// Place gives a private message the stamp that it got where it was delivered.
func (b *Block) Place(s proto.Stamp) { b.first = s }

// Kept waits until it is known whether the lines are kept, and reports whether
// they are.
func (b *Block) Kept() bool { return b.saved == nil || b.saved.Kept() }

// Lines is each line apart. It may only be called from [Recipient.Deliver].
func (b *Block) Lines() []Line {
	if b.lines != nil {
		return b.lines
	}
	b.lines = make([]Line, 0, b.n)
	for line := range bytes.Lines(b.wire) {
		if b.n > 1 {
			line = bytes.Clone(line)
		}
		b.lines = append(b.lines, Line{line, b.Stamp(len(b.lines))})
	}
	return b.lines
}

// Stamped is all lines with their stamps. It may only be called from
// [Recipient.Deliver].
func (b *Block) Stamped() []byte {
	if b.stamped == nil {
		i := 0
		for line := range bytes.Lines(b.wire) {
			b.stamped = append(proto.AppendStamp(b.stamped, b.Stamp(i)), line...)
			i++
		}
	}
	return b.stamped
}
