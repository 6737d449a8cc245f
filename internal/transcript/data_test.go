package transcript_test

import (
	"strings"
	"testing"

	"parley/internal/transcript"
	"parley/proto"
)

func TestIDsAreUnique(t *testing.T) {
	where := map[string]string{}
	for _, c := range transcript.All() {
		if other, taken := where[c.ID]; taken {
			t.Errorf("%s:%d: id %q is in %s already", c.File, c.Line, c.ID, other)
		}
		where[c.ID] = c.File
	}
}

// Every rule that a few connections can show without waiting has a
// conversation. The others are about the port (P-1), several servers (P-27),
// time and signals (P-70, P-71, P-73), another transport (P-90, P-91) or a long
// stream.
func TestEveryVisibleRuleIsShown(t *testing.T) {
	hidden := map[proto.Rule]bool{
		proto.P1: true, proto.P27: true, proto.P70: true, proto.P71: true,
		proto.P73: true, proto.P90: true, proto.P91: true, proto.X9: true,
	}
	shown := map[proto.Rule]bool{}
	for _, c := range transcript.All() {
		for _, rule := range c.Rules {
			shown[rule] = true
		}
	}
	for _, rule := range proto.Rules() {
		want := !hidden[rule]
		if shown[rule] != want {
			t.Errorf("rule %s: shown by a conversation is %v, want %v", rule, shown[rule], want)
		}
	}
}

// A conversation that is not about spam must not be refused as spam: no
// connection says more than ten messages in it.
func TestFewMessagesEach(t *testing.T) {
	for _, c := range transcript.All() {
		if c.Service != transcript.Chat || c.File == "spam.txtar" {
			continue
		}
		for who, n := range messages(c) {
			if n > 10 {
				t.Errorf("%s:%d: %s sends %d messages", c.File, c.Line, who, n)
			}
		}
	}
}

func messages(c transcript.Conversation) map[string]int {
	sent := map[string]string{}
	for _, step := range c.Steps {
		if step.Action == transcript.Send {
			for _, text := range step.Texts {
				sent[step.Who] += text.String()
			}
		}
	}
	count := map[string]int{}
	for who, bytes := range sent {
		for line := range strings.Lines(bytes) {
			if strings.HasPrefix(line, "msg ") || strings.HasPrefix(line, "privmsg ") {
				count[who]++
			}
		}
	}
	return count
}
