// Package docs hands the pages that say what the protocol is to the programs
// that quote them.
package docs

import _ "embed" // for the pages below

// Protocol is docs/protocol.md.
//
//go:embed protocol.md
var Protocol string

// Handout is docs/protocol-handout.md: the protocol without what the assignment
// leaves for students to find.
//
//go:embed protocol-handout.md
var Handout string
