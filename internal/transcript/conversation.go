package transcript

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"sync"

	"parley/proto"
)

// Service is what a conversation is held with.
type Service string

// The services, by the name in the header "service".
const (
	Chat Service = "chat"
	Sum  Service = "sum"
)

// Parley is the dialect of a conversation that goes beyond the course: its
// own servers behave differently, or the assignment leaves the matter open.
const Parley = "parley"

// Conversation is one exchange between some connections and a server.
type Conversation struct {
	ID    string // unique among all conversations, and stable
	Title string
	Rules []proto.Rule // what it shows, the most important first

	File string // base name of the file it is in
	Line int    // of its id in File

	Service  Service
	Dialect  string            // Parley, or empty where every server agrees
	Fresh    bool              // nobody may have connected to the server before
	Settings map[string]string // what the server must be told, by its flags' names

	Steps []Step
}

// Step is one thing that a connection does or expects.
type Step struct {
	Line   int    // in the conversation's file
	Source string // as it is written there
	Who    string // the connection, by its name in the conversation
	Action Action
	Texts  []Text         // Send: one for each segment; Line, Bytes, Poll: one
	Regexp *regexp.Regexp // Pattern: anchored at both ends
}

// Action is what happens in a step.
type Action int

// The actions. "connect" is no action of its own: it is Dial, then Quiet.
const (
	Dial Action = iota
	Send
	Line
	Pattern
	Bytes
	EOF
	Quiet
	Poll
	HalfClose
	Close
	Reset
)

//go:embed data/*.txtar
var data embed.FS

// All gives every conversation, file by file in alphabetical order. The
// caller must not change what it gets.
func All() []Conversation { return all() }

var all = sync.OnceValue(func() []Conversation {
	files, _ := fs.Glob(data, "data/*.txtar")
	var list []Conversation
	for _, path := range files {
		content, _ := data.ReadFile(path)
		conversations, err := Parse(path[len("data/"):], content)
		if err != nil {
			// Only a broken build gets here: the files are part of it.
			panic(fmt.Sprintf("transcript: %v", err))
		}
		list = append(list, conversations...)
	}
	return list
})
