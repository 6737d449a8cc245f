package main

import (
	"io"
	"testing"
	"time"
)

// A speaker to a node of two is answered, and what that costs is measured.
func TestRig(t *testing.T) {
	t.Chdir("../..")
	programs, err := build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{programs, &measured{}, io.Discard}
	r, err := setup{nats: 1, replicas: 1, nodes: 2}.start(t.Context(), m.programs)
	defer r.stop()
	if err != nil {
		t.Fatal(err)
	}
	stop, err := m.listeners(t.Context(), r.nodes[1], 3, 3)
	defer stop()
	if err != nil {
		t.Fatal(err)
	}
	before, err := r.usages()
	if err != nil {
		t.Fatal(err)
	}
	done, err := speech{speakers: 2, burst: 3, lasts: 200 * time.Millisecond}.say(t.Context(), r.nodes[0].address)
	if err != nil || done.lines < 6 || done.lines%3 != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	after, err := r.usages()
	if err != nil {
		t.Fatal(err)
	}
	for i := range after {
		if after[i].cpu <= before[i].cpu || after[i].memory <= 0 {
			t.Errorf("process %d: %+v, then %+v", i, before[i], after[i])
		}
	}
}
