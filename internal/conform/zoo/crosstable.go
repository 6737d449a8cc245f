package zoo

import (
	_ "embed"
	"encoding/json"
	"sync"

	"parley/internal/conform"
	"parley/proto"
)

// Row is what the whole list of checks has found of one mistake.
type Row struct {
	Name   string
	Target conform.Target
	Rule   proto.Rule
	Check  string
	About  string
	Failed []Failure
}

// Failure is a check that fails, and how.
type Failure struct {
	Check string
	Rule  proto.Rule
	Kind  conform.Kind
}

//go:embed crosstable.json
var crossTable []byte

// CrossTable has a row for each mistake, as the last full round of the zoo's
// tests has written it. The caller does not change it.
var CrossTable = sync.OnceValues(func() (table []Row, err error) {
	err = json.Unmarshal(crossTable, &table)
	return table, err
})
