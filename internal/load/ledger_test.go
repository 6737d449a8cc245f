package load

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMark(t *testing.T) {
	for _, m := range []mark{{0, 0, 0}, {1, 2, 3}, {1<<18 - 1, 1<<seqBits - 1, stampMax}} {
		text := appendMark([]byte("before"), "tag1", m.sender, int64(m.seq), m.stamp)
		if len(text) != len("before")+markSize {
			t.Errorf("the mark of %+v has %d bytes, want %d", m, len(text)-len("before"), markSize)
		}
		got, ok := parseMark(text[len("before")+tagSize:])
		if got != m || !ok {
			t.Errorf("parsed %+v, %v, want %+v", got, ok, m)
		}
	}
	for _, text := range []string{"", "00000000000", "0000000000!0", "00000000000\xff", "000 00000000"} {
		if m, ok := parseMark([]byte(text)); ok {
			t.Errorf("%q was taken for the mark %+v", text, m)
		}
	}
}

func TestSinceGoesRound(t *testing.T) {
	for _, tt := range []struct{ now, stamp, want int64 }{
		{100, 40, 60},
		{stampMax + 10, stampMax - 5, 15},
		{stampMax + 10, 3, 6}, // a stamp that has gone round
	} {
		if got := since(tt.now, tt.stamp&stampMax); got != tt.want {
			t.Errorf("since(%d, %d) = %d, want %d", tt.now, tt.stamp, got, tt.want)
		}
	}
}

func ledgerFrom(from int64, lines ...int64) *ledger {
	l := &ledger{next: make([]int64, 1)}
	l.expect(0, from)
	for _, n := range lines {
		l.take(0, uint32(n)&(1<<seqBits-1))
	}
	return l
}

func TestLedger(t *testing.T) {
	all := func(n int64) said { return said{answered: n, sent: n} }
	for name, tt := range map[string]struct {
		from                               int64
		lines                              []int64
		said                               said
		lost, doubled, reordered, invented int64
	}{
		"nothing":                   {0, nil, all(0), 0, 0, 0, 0},
		"all":                       {0, []int64{0, 1, 2}, all(3), 0, 0, 0, 0},
		"none came":                 {0, nil, all(3), 3, 0, 0, 0},
		"first lost":                {0, []int64{1, 2}, all(3), 1, 0, 0, 0},
		"middle lost":               {0, []int64{0, 3, 4}, all(5), 2, 0, 0, 0},
		"end lost":                  {0, []int64{0, 1}, all(3), 1, 0, 0, 0},
		"doubled":                   {0, []int64{0, 1, 1, 2}, all(3), 0, 1, 0, 0},
		"doubled later":             {0, []int64{0, 1, 2, 0}, all(3), 0, 1, 0, 0},
		"swapped":                   {0, []int64{1, 0, 2}, all(3), 0, 0, 1, 0},
		"backwards":                 {0, []int64{3, 2, 1, 0}, all(4), 0, 0, 3, 0},
		"late, and again":           {0, []int64{0, 2, 1, 1}, all(3), 0, 1, 1, 0},
		"out of the middle":         {0, []int64{0, 6, 3}, all(7), 4, 0, 1, 0},
		"unanswered, not due":       {0, []int64{0, 1}, said{answered: 2, sent: 4}, 0, 0, 0, 0},
		"unanswered, came":          {0, []int64{0, 1, 2}, said{answered: 2, sent: 4}, 0, 0, 0, 0},
		"gap among the unanswered":  {0, []int64{0, 3}, said{answered: 1, sent: 4}, 0, 0, 0, 0},
		"refused, not due":          {0, []int64{0, 2}, said{answered: 4, sent: 4, refused: []int64{1, 3}}, 0, 0, 0, 0},
		"refused, and one lost":     {0, []int64{2}, said{answered: 4, sent: 4, refused: []int64{1, 3}}, 1, 0, 0, 0},
		"invented":                  {0, []int64{0, 1, 2}, all(2), 0, 0, 0, 1},
		"came later, none":          {5, nil, all(5), 0, 0, 0, 0},
		"came later":                {5, []int64{5, 6}, all(7), 0, 0, 0, 0},
		"came later, first lost":    {5, []int64{6}, all(7), 1, 0, 0, 0},
		"came later, all lost":      {5, nil, all(7), 2, 0, 0, 0},
		"came later, earlier too":   {5, []int64{3, 4, 5, 6}, all(7), 0, 0, 0, 0},
		"came later, earlier, gap":  {5, []int64{3, 5, 6}, all(7), 1, 0, 0, 0},
		"numbers that have gone on": {1<<seqBits - 2, []int64{1<<seqBits - 2, 1<<seqBits - 1, 1 << seqBits, 1<<seqBits + 2}, all(1<<seqBits + 3), 1, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := ledgerFrom(tt.from, tt.lines...)
			lost, invented := l.lostOf(0, tt.said)
			if lost != tt.lost || l.doubled != tt.doubled || l.reordered != tt.reordered || invented != tt.invented {
				t.Errorf("%v of %+v: lost %d, doubled %d, reordered %d, invented %d, want %d, %d, %d, %d",
					tt.lines, tt.said, lost, l.doubled, l.reordered, invented, tt.lost, tt.doubled, tt.reordered, tt.invented)
			}
			if want := tt.lost == 0; l.complete([]said{tt.said}, -1) != want || !l.complete([]said{tt.said}, 0) {
				t.Errorf("complete is not %v, or counts what oneself said", want)
			}
		})
	}
}

// Whatever is done to a stream, the counts are those of a ledger that simply
// remembers everything.
func TestLedgerCountsAsMemoryDoes(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		var lines []int64
		for n := range int64(200) {
			switch random.IntN(12) {
			case 0: // lost
			case 1:
				lines = append(lines, n, n)
			case 2:
				lines = slices.Insert(lines, max(0, len(lines)-random.IntN(9)), n)
			default:
				lines = append(lines, n)
			}
		}
		seen, highest := map[int64]bool{}, int64(-1)
		var doubled, reordered int64
		for _, n := range lines {
			switch {
			case seen[n]:
				doubled++
			case n < highest:
				reordered++
			}
			seen[n], highest = true, max(highest, n)
		}
		l := ledgerFrom(0, lines...)
		lost, _ := l.lostOf(0, said{answered: 200, sent: 200})
		if lost != int64(200-len(seen)) || l.doubled != doubled || l.reordered != reordered || l.heard != int64(len(lines)) {
			t.Fatalf("seed %d: lost %d, doubled %d, reordered %d, want %d, %d, %d of %v",
				seed, lost, l.doubled, l.reordered, 200-len(seen), doubled, reordered, lines)
		}
	}
}

// What a hopeless server costs us is bounded, and no loss is forgotten.
func TestLedgerIsBounded(t *testing.T) {
	l := ledgerFrom(0)
	const lines = 4 * maxGaps
	for n := int64(1); n < lines; n += 2 {
		l.take(0, uint32(n))
	}
	lost, _ := l.lostOf(0, said{answered: lines, sent: lines})
	if len(l.missing) > maxGaps || lost+l.writtenOff != lines/2 {
		t.Errorf("%d gaps are kept and %d + %d lines lost, want at most %d and %d", len(l.missing), lost, l.writtenOff, maxGaps, lines/2)
	}
}
