package cluster

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// identity is one run of one node: a node that is started again is another.
type identity struct {
	Node  string `json:"node"`
	Start string `json:"start"`
}

// Keys of the bucket that are no names have a dot.
const (
	leasePrefix  = "lease."
	fencePrefix  = "fence."
	numbersKey   = "count.anonymous"
	keySeparator = "."
)

func (id identity) lease() string { return leasePrefix + id.Node + keySeparator + id.Start }
func (id identity) fence() string { return fencePrefix + id.Node + keySeparator + id.Start }

// identityOf is the run of a node that began at a time.
func identityOf(node string, started time.Time) identity {
	return identity{node, strconv.FormatInt(started.UnixMicro(), 36)}
}

// started is when that run began.
func (id identity) started() time.Time {
	us, _ := strconv.ParseInt(id.Start, 36, 64) // of another's making: 1970
	return time.UnixMicro(us).UTC()
}

// leaseOf is whose lease a key is.
func leaseOf(key string) (id identity, ok bool) {
	rest, ok := strings.CutPrefix(key, leasePrefix)
	if !ok {
		return identity{}, false
	}
	id.Node, id.Start, ok = strings.Cut(rest, keySeparator)
	return id, ok
}

// holder is the value of a name's key: which connection has it.
type holder struct {
	identity
	Conn  uint64 `json:"conn"`            // counts the node's connections
	Login bool   `json:"login"`           // it has logged in, so the name is not a given one
	Place uint64 `json:"place,omitempty"` // the revision of the connection's first claim; 0: this is it
}

func (h holder) encode() []byte {
	value, _ := json.Marshal(h) // strings and numbers can be encoded
	return value
}

func parseHolder(value []byte) (h holder, ok bool) {
	err := json.Unmarshal(value, &h)
	return h, err == nil && h.Node != "" && h.Start != ""
}
