// Package cluster makes several servers one chat: the same names, the same public
// room, private messages from each to each. NATS carries it; between the servers,
// called nodes, there is no protocol of our own.
//
// Public messages go through one JetStream stream, and every node says to its own
// members what the stream brings, so all members everywhere see one order (P-81).
// A key-value bucket holds who has which name, and on which node; a claim is a
// compare-and-set (P-26), and names of a node whose lease has run out are free.
//
// [Room] is what sessions meet in place of a hub. While NATS cannot be reached it
// is a chat of its own members alone: it is apart. docs/cluster.md tells it from
// outside.
package cluster
