package client

import "testing"

// TestQueueWakesTheNext has two messages come before anybody wakes up: who takes
// the first wakes who is to take the second.
func TestQueueWakesTheNext(t *testing.T) {
	q := newQueue(10, 1000)
	q.add(Message{Text: "1"})
	q.add(Message{Text: "2"})
	<-q.wake
	if m, ok := q.take(); !ok || m.Text != "1" {
		t.Errorf("got %v, %v", m, ok)
	}
	select {
	case <-q.wake:
	default:
		t.Error("nobody is woken for the second message")
	}
}
