package load

import "slices"

// ledger is one client's account of what it heard: for each sender, which of
// his lines have come. It belongs to the client's listener.
type ledger struct {
	// next has for each sender the number of the line that comes next. ^n stands
	// for "none has come; those from n on must": earlier ones may have been under
	// way when the client came.
	next []int64
	// missing are the lines that were passed over. It is empty as long as the
	// server keeps its order.
	missing []gap

	heard, doubled, reordered int64
	writtenOff                int64 // lines of gaps that were dropped from missing
}

// gap is a run of one sender's lines: from, up to and without to.
type gap struct {
	sender   int
	from, to int64
}

// maxGaps bounds what a server that loses every other line costs us. Beyond it
// the oldest gap counts as lost for good, and what comes of it as doubled.
const maxGaps = 4096

// expect sets from which of a sender's lines on nothing may be missing.
func (l *ledger) expect(sender int, from int64) {
	if l.next[sender] = from; from > 0 {
		l.next[sender] = ^from
	}
}

// take enters a line and returns the sender's next number before and after it.
func (l *ledger) take(sender int, seq uint32) (before, after int64) {
	next := l.next[sender]
	l.heard++
	if next >= 0 && seq == uint32(next)&(1<<seqBits-1) { // nearly always
		l.next[sender] = next + 1
		return next, next + 1
	}
	return l.takeOther(sender, seq)
}

// takeOther enters a line that is not the one that comes next.
func (l *ledger) takeOther(sender int, seq uint32) (before, after int64) {
	next := l.next[sender]
	fresh := next < 0
	if fresh {
		next = ^next
	}
	n := nearest(next, seq)
	switch {
	case n >= next:
		l.pass(gap{sender, next, n})
	case fresh:
	case l.found(sender, n):
		l.reordered++
		return next, next
	default:
		l.doubled++
		return next, next
	}
	l.next[sender] = n + 1
	return min(next, n), n + 1
}

// nearest is the number that ends in seq and is closest to next.
func nearest(next int64, seq uint32) int64 {
	const unused = 32 - seqBits
	return next + int64(int32((seq-uint32(next))<<unused)>>unused)
}

// pass notes that the lines of g were passed over.
func (l *ledger) pass(g gap) {
	if g.from == g.to {
		return
	}
	if len(l.missing) == maxGaps {
		l.writtenOff += l.missing[0].to - l.missing[0].from
		l.missing = l.missing[:copy(l.missing, l.missing[1:])]
	}
	l.missing = append(l.missing, g)
}

// found takes line n out of the missing ones and reports whether it was there.
func (l *ledger) found(sender int, n int64) bool {
	i := l.gapOf(sender, n)
	if i < 0 {
		return false
	}
	g := l.missing[i]
	l.missing = slices.Delete(l.missing, i, i+1)
	l.pass(gap{sender, g.from, n})
	l.pass(gap{sender, n + 1, g.to})
	return true
}

func (l *ledger) gapOf(sender int, n int64) int {
	return slices.IndexFunc(l.missing, func(g gap) bool {
		return g.sender == sender && g.from <= n && n < g.to
	})
}

// said is what a sender has said in the end, as far as he knows.
type said struct {
	answered int64   // lines that were answered, refused ones included
	refused  []int64 // the numbers of those
	sent     int64   // all lines, answered or not
}

// lostOf counts the lines of a sender that were accepted and have not come, and
// those that have come and that he never sent.
func (l *ledger) lostOf(sender int, s said) (lost, invented int64) {
	next := l.next[sender]
	if next < 0 {
		next = ^next
	}
	lost = max(0, s.answered-next)
	for _, g := range l.missing {
		if g.sender == sender {
			lost += max(0, min(g.to, s.answered)-g.from)
		}
	}
	for _, n := range s.refused {
		if n >= next || l.gapOf(sender, n) >= 0 {
			lost--
		}
	}
	return max(0, lost), max(0, next-s.sent)
}

// complete reports whether every line that was accepted has come. self is the
// client's own number: nobody hears himself (P-50).
func (l *ledger) complete(all []said, self int) bool {
	for sender, s := range all {
		if sender == self {
			continue
		}
		if lost, _ := l.lostOf(sender, s); lost > 0 {
			return false
		}
	}
	return true
}
