package hub

import "bytes"

// Block is what one member said in one go: one or more lines, encoded once for
// all who get them.
type Block struct {
	wire []byte

	// lines are the lines each in memory of its own, made when the first
	// inbox wants them. Guarded by the hub's lock: asked for only in Deliver.
	lines [][]byte
}

// NewBlock returns the block of the whole lines in wire, which nobody may
// change from then on.
func NewBlock(wire []byte) *Block { return &Block{wire: wire} }

// Wire is all lines, each with its LF.
func (b *Block) Wire() []byte { return b.wire }

// Lines is each line with its LF, apart: who keeps one does not keep the whole
// block in memory. It may only be called from [Recipient.Deliver].
func (b *Block) Lines() [][]byte {
	if b.lines == nil && bytes.IndexByte(b.wire, '\n') == len(b.wire)-1 {
		b.lines = [][]byte{b.wire}
	}
	if b.lines == nil {
		for line := range bytes.Lines(b.wire) {
			b.lines = append(b.lines, bytes.Clone(line))
		}
	}
	return b.lines
}
