package session

import "time"

// spamPeriod is the time in which a connection may say so many messages (P-60).
const spamPeriod = time.Second

// spamWindow counts the messages of one connection and blocks it when there
// are too many (P-60, P-61). It belongs to its session, as does the clock.
type spamWindow struct {
	rate  int           // messages within spamPeriod; 0 is no limit
	block time.Duration // for how long a connection is refused

	// recent holds the moments of the messages of the last period. Messages of
	// one moment, as those of one read are, share an entry.
	recent fifo[moment]
	count  int       // messages in recent
	until  time.Time // the end of the latest block
}

type moment struct {
	at       time.Time
	messages int
}

// take counts a message at now and returns 0, or it refuses the message and
// returns how long the block lasts from now, and whether this message began it.
func (w *spamWindow) take(now time.Time) (left time.Duration, began bool) {
	if w.rate == 0 {
		return 0, false
	}
	if left := w.until.Sub(now); left > 0 {
		return left, false
	}
	w.forget(now.Add(-spamPeriod))
	if w.count == w.rate {
		w.until = now.Add(w.block)
		w.recent.reset()
		w.count = 0
		return w.block, true
	}
	w.add(now)
	return 0, false
}

// add counts a message at now.
func (w *spamWindow) add(now time.Time) {
	w.count++
	if w.recent.len() > 0 && w.recent.newest().at.Equal(now) {
		w.recent.newest().messages++
		return
	}
	w.recent.push(moment{at: now, messages: 1})
}

// forget drops the moments up to old.
func (w *spamWindow) forget(old time.Time) {
	for w.recent.len() > 0 && !w.recent.oldest().at.After(old) {
		w.count -= w.recent.oldest().messages
		w.recent.pop()
	}
}
