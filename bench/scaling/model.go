package main

import (
	"fmt"
	"math"
)

// model is what things cost: CPU in µs of one core, memory in KiB.
type model struct {
	Publish float64 // the node that a block comes to: taking it, and handing it to NATS
	Hear    float64 // every node, for each block
	Line    float64 // every node, for each line of a block
	Write   float64 // for each user and write
	Queue   float64 // for each user and line in that write

	NATS     float64 // NATS, for each block
	NATSNode float64 // and for each node that gets it

	Answer float64 // an idle node: from a line to its msgok, in µs of time

	Memory memory
}

// modelOf takes the costs out of what was measured.
func modelOf(m *measured) (model, error) {
	if len(m.Costs) == 0 || len(m.Memory) == 0 || len(m.Late) == 0 || len(m.Polls) != 2 || len(m.Syncs) == 0 {
		return model{}, fmt.Errorf("%s/measured.json is not complete: run with -measure", folder)
	}
	var c model
	for _, one := range m.Memory {
		if !one.Alone {
			c.Memory = one
		}
	}
	pair, four := m.cost(0, 1, 0, 0), m.cost(0, 1, 0, 0, 0, 0)
	// Nodes without users only hear; the one that is spoken to publishes too.
	c.Hear = (pair.NodeMicro[1] + four.NodeMicro[1] + four.NodeMicro[2] + four.NodeMicro[3]) / 4
	c.Publish = (pair.NodeMicro[0]+four.NodeMicro[0])/2 - c.Hear
	c.NATSNode = max(0, (four.NATSMicro-pair.NATSMicro)/2)
	c.NATS = pair.NATSMicro - 2*c.NATSNode
	c.Answer = 1000 * pair.AnswerP50
	const many = 64
	c.Line = max(0, (m.cost(0, many, 0, 0).NodeMicro[1]-pair.NodeMicro[1])/(many-1))
	c.Hear -= c.Line
	// With the same users, 64 lines in a block cost so much more than one.
	const users = 400
	single, block := m.cost(1, 1, users, 0).NodeMicro[0], m.cost(1, many, users, 0).NodeMicro[0]
	c.Queue = max(0, ((block-single)/(many-1)-c.Line)/users)
	c.Write = 0
	sizes := []int{100, 400, 1600}
	for _, n := range sizes {
		c.Write += (m.cost(1, 1, n, 0).NodeMicro[0] - c.Hear - c.Line) / float64(n) / float64(len(sizes))
	}
	c.Write -= c.Queue
	return c, nil
}

// cost is what was measured with these users.
func (m *measured) cost(speaks, burst int, users ...int) cost {
	for _, c := range m.Costs {
		if !c.Alone && c.Speaks == speaks && c.Burst == burst && fmt.Sprint(c.Users) == fmt.Sprint(users) {
			return c
		}
	}
	panic(fmt.Sprintf("nothing was measured with %d, %d, %v", speaks, burst, users))
}

// alone is what was measured of a server of its own with these users.
func (m *measured) alone(users int) cost {
	for _, c := range m.Costs {
		if c.Alone && c.Users[0] == users {
			return c
		}
	}
	panic(fmt.Sprintf("nothing was measured alone with %d", users))
}

// busy is how much of a core a node of k uses: n users of its own, m lines a
// second said in all, each a block of its own, each written by itself.
func (c *model) busy(n, m float64, k int) float64 {
	return m * (c.Publish/float64(k) + c.Hear + c.Line + n*(c.Write+c.Queue)) / 1e6
}

// half is how much of a core a node may be busy: with more, lines have to wait too
// long for each other.
const half = 0.5

// nodes is how many nodes N users need, or 0 if no number is enough.
func (c *model) nodes(users, m float64) int {
	// Each node hears everything; the rest is shared.
	left := half*1e6/m - c.Hear - c.Line
	if left <= 0 {
		return 0
	}
	return max(1, int(math.Ceil((c.Publish+users*(c.Write+c.Queue))/left)))
}

// Assumed, not measured: a line of the chat with its sender's name, and what the
// network adds to it, on average for a write of its own.
const (
	lineBytes  = 80
	frameBytes = 66 // Ethernet, IP and TCP with its time stamps
	nameBytes  = 10 // of the answer to users, for each
)

// blockBytes is a block of one line in the stream: its subject, its header and the
// way back are more than the line.
const blockBytes = 300
