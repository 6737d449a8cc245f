package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"
)

// size is a flag that counts bytes: 65536, 64KiB, 1MiB.
type size int

func (s *size) Set(text string) error {
	n, err := humanize.ParseBytes(text)
	if err != nil {
		return err
	}
	if n > 1<<40 {
		return errors.New("too large")
	}
	*s = size(n)
	return nil
}

func (s *size) String() string {
	if n := int(*s); n%(1<<20) == 0 && n > 0 {
		return strconv.Itoa(n>>20) + "MiB"
	}
	return strconv.Itoa(int(*s))
}

func (*size) Type() string { return "size" }

// choice is a flag that takes one of a few words.
type choice struct {
	value string
	of    []string
}

func (c *choice) Set(text string) error {
	if !slices.Contains(c.of, text) {
		return errors.New("not one of these")
	}
	c.value = text
	return nil
}

func (c *choice) String() string { return c.value }

func (c *choice) Type() string { return strings.Join(c.of, "|") }

// badValue says which flag has a value that cannot be read, and what one looks
// like. from tells where the value stood, if not on the command line.
func badValue(f *pflag.Flag, from, value string) error {
	name := "--" + f.Name
	if from != "" {
		name += " (from " + from + ")"
	}
	return usagef("%s: %q is not %s", name, value, looksLike(f.Value.Type()))
}

func looksLike(kind string) string {
	switch kind {
	case "int":
		return "a whole number"
	case "duration":
		return "a duration such as 500ms, 10s or 1h"
	case "size":
		return "a size such as 65536, 64KiB or 1MiB"
	case "bool":
		return "true or false"
	}
	if strings.Contains(kind, "|") {
		return "one of " + strings.ReplaceAll(kind, "|", ", ")
	}
	return "a " + kind
}

// checkTimeout refuses a time in which no server can answer.
func checkTimeout(d time.Duration) error {
	if d < time.Millisecond {
		return usagef("--timeout: must be 1ms or more, not %v", d)
	}
	return nil
}

// flagError puts what the flag parser says into our words.
func flagError(err error) error {
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return badValue(bad.GetFlag(), "", bad.GetValue())
	}
	return usageError{err}
}
