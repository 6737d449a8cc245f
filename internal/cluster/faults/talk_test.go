//go:build unix

package faults_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// talk is a conversation that goes on while something happens: talkers say
// numbered messages, ears note them.
type talk struct {
	t       *testing.T
	talkers []*peer
	ears    []*peer // they are stamped
	stop    chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex // guards all below
	accepted map[string]int
	errors   []string // other answers
	slowest  time.Duration
	tookAll  []time.Duration
}

// begin lets one talk, and one listen, on each of the nodes.
func begin(c *lab, nodes ...*node) *talk {
	c.t.Helper()
	k := &talk{t: c.t, accepted: make(map[string]int)}
	for i, n := range nodes {
		k.talkers = append(k.talkers, n.join(fmt.Sprintf("Talker%d", i+1)))
		ear := n.join(fmt.Sprintf("Ear%d", i+1))
		ear.must("stamp", "modeok")
		k.ears = append(k.ears, ear)
	}
	k.goOn(0)
	return k
}

// goOn lets the talk go on after its end, with higher numbers.
func (k *talk) goOn(from int) {
	k.stop = make(chan struct{})
	for _, p := range k.talkers {
		k.running.Go(func() { k.talk(p, from) })
	}
}

// size is how many take part.
func (k *talk) size() int { return len(k.talkers) + len(k.ears) }

// talk says three messages at a time.
func (k *talk) talk(p *peer, from int) {
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for n := from; ; n += 3 {
		select {
		case <-k.stop:
			return
		case <-pace.C:
		}
		began := time.Now()
		p.send(fmt.Sprintf("msg %d\nmsg %d\nmsg %d\n", n, n+1, n+2))
		for i := range 3 {
			answer := p.answer()
			if answer == theEnd {
				return
			}
			k.note(p, n+i, answer, time.Since(began))
		}
	}
}

func (k *talk) note(p *peer, n int, answer string, took time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.slowest = max(k.slowest, took)
	k.tookAll = append(k.tookAll, took)
	to, err := strconv.Atoi(strings.TrimPrefix(answer, "msgok "))
	if err != nil {
		k.errors = append(k.errors, p.name+": "+answer)
		return
	}
	k.accepted[fmt.Sprintf("%s %d", p.name, n)] = to
}

// lap waits until every talker has so many more messages accepted by so many.
func (k *talk) lap(messages int, to func(n int) bool) {
	k.t.Helper()
	late := time.After(patience)
	goal := make(map[string]int)
	for first := true; ; first = false {
		have := make(map[string]int)
		k.mu.Lock()
		for text, n := range k.accepted {
			if to(n) {
				name, _, _ := strings.Cut(text, " ")
				have[name]++
			}
		}
		k.mu.Unlock()
		done := true
		for _, p := range k.talkers {
			if first {
				goal[p.name] = have[p.name] + messages
			}
			done = done && have[p.name] >= goal[p.name]
		}
		if done {
			return
		}
		select {
		case <-late:
			k.t.Fatalf("the talk does not go on: %v, want %v", have, goal)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// end lets the talk end, and waits until everything that was accepted has been
// heard by everybody who is left.
func (k *talk) end(word string) {
	k.t.Helper()
	close(k.stop)
	k.running.Wait()
	for _, p := range k.talkers {
		p.send("msg " + word + "\n")
		if answer := p.answer(); !strings.HasPrefix(answer, "msgok ") {
			k.t.Errorf("%s: msg %s: %q", p.name, word, answer)
		}
	}
	for _, p := range slices.Concat(k.ears, k.talkers) {
		for _, from := range k.talkers {
			if from != p {
				p.hears("msg " + from.name + " " + word)
			}
		}
	}
	if len(k.errors) > 0 {
		k.t.Errorf("%d commands were not answered as they should be: %q", len(k.errors), k.errors[:min(5, len(k.errors))])
	}
}

// lose takes the clients of a node that is gone out of the talk.
func (k *talk) lose(i int) {
	k.talkers = slices.Delete(slices.Clone(k.talkers), i, i+1)
	k.ears = slices.Delete(slices.Clone(k.ears), i, i+1)
}

// verify checks that everybody has heard what was accepted for that many, once,
// in one order, and nothing twice.
func (k *talk) verify(forAll func(n int) bool) {
	k.t.Helper()
	full := 0
	for _, n := range k.accepted {
		if forAll(n) {
			full++
		}
	}
	if full == 0 {
		k.t.Fatal("no message was accepted for all")
	}
	one := k.forAll(k.ears[0], forAll)
	if len(one) < full {
		k.t.Errorf("%s heard %d of %d messages that were accepted for all", k.ears[0].name, len(one), full)
	}
	for _, p := range slices.Concat(k.ears[1:], k.talkers) {
		want := slices.DeleteFunc(slices.Clone(one), func(text string) bool { return strings.HasPrefix(text, p.name+" ") })
		if got := k.forAll(p, forAll); !slices.Equal(got, want) {
			k.t.Errorf("%s: %s", p.name, firstDifference(got, want))
		}
	}
	k.verifyStamps()
	k.t.Logf("%d accepted, %d of them for all; the slowest answer took %v", len(k.accepted), full, k.slowest)
}

// forAll is what of that somebody has heard. Nothing at all was heard twice, and
// what one says comes in order.
func (k *talk) forAll(p *peer, forAll func(n int) bool) (texts []string) {
	lines, _ := p.said()
	seen, last := make(map[string]bool), make(map[string]int)
	for _, line := range lines {
		_, text := unstamp(line)
		text = strings.TrimPrefix(text, "msg ")
		if seen[text] {
			k.t.Errorf("%s heard %q twice", p.name, text)
		}
		seen[text] = true
		if n, ok := k.accepted[text]; ok && forAll(n) {
			texts = append(texts, text)
			name, number, _ := strings.Cut(text, " ")
			if i, _ := strconv.Atoi(number); i > 0 && i <= last[name] {
				k.t.Errorf("%s heard %q after %d", p.name, text, last[name])
			} else {
				last[name] = i
			}
		}
	}
	return texts
}

// verifyStamps checks that IDs ascend, and are the same for all.
func (k *talk) verifyStamps() {
	ids := make(map[string]int64)
	for _, p := range k.ears {
		lines, _ := p.said()
		last := int64(0)
		for _, line := range lines {
			id, text := unstamp(line)
			if id == 0 {
				continue
			}
			if id <= last {
				k.t.Errorf("%s: ID %d after %d", p.name, id, last)
			}
			last = id
			if was, ok := ids[text]; ok && was != id {
				k.t.Errorf("%q has the IDs %d and %d", text, was, id)
			}
			ids[text] = id
		}
	}
}

func unstamp(line string) (id int64, text string) {
	stamp, rest, ok := strings.Cut(line, " ")
	if !ok || stamp[0] != '@' {
		return 0, line
	}
	id, _ = strconv.ParseInt(stamp[1:], 10, 64)
	_, text, _ = strings.Cut(rest, " ")
	return id, text
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("heard %q where %q is right, at %d of %d", got[i], want[i], i, len(want))
		}
	}
	return fmt.Sprintf("heard %d messages, not %d", len(got), len(want))
}
