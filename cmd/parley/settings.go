package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/pflag"
)

const (
	envPrefix  = "PARLEY_"
	configFlag = "config"
)

// settings gives the flags that the command line leaves out the values of the
// environment or, where that is silent too, of the file that --config names.
// It remembers where each value came from, for the errors that come later.
type settings struct {
	flags  *pflag.FlagSet
	config string            // the file
	from   map[string]string // flag name → where its value stood
}

// apply reads both sources. Whatever it cannot place is a usage error: a
// setting that is misspelt must not be silently the default.
func (s *settings) apply(environ []string) error {
	s.from = make(map[string]string)
	given := make(map[string]bool)
	s.flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	if err := s.applyEnv(environ, given); err != nil {
		return err
	}
	if s.config == "" {
		return nil
	}
	return s.applyFile(s.config, given)
}

// applyEnv takes PARLEY_SPAM_RATE for --spam-rate where that is not given yet.
func (s *settings) applyEnv(environ []string, given map[string]bool) error {
	for _, entry := range environ {
		variable, value, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(variable, envPrefix)
		if !ours {
			continue
		}
		f := s.lookup(strings.ToLower(strings.ReplaceAll(rest, "_", "-")))
		if f == nil {
			return usagef("there is no setting for the environment variable %s", variable)
		}
		if err := s.set(f, value, variable, given); err != nil {
			return err
		}
	}
	return nil
}

// applyFile takes the key spam-rate of a TOML file for --spam-rate where that
// is not given yet.
func (s *settings) applyFile(path string, given map[string]bool) error {
	var values map[string]any
	if _, err := toml.DecodeFile(path, &values); err != nil {
		if syntax, ok := errors.AsType[toml.ParseError](err); ok {
			return usagef("--config: %s line %d: %s", path, syntax.Position.Line, syntax.Message)
		}
		return usagef("--config: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		f := s.lookup(key)
		if f == nil || key == configFlag {
			return usagef("--config: %s: there is no setting %q", path, key)
		}
		value := values[key]
		switch value.(type) {
		case string, int64, bool, float64:
		default:
			return usagef("--config: %s: %s is one value, not a list or a table", path, key)
		}
		if err := s.set(f, fmt.Sprint(value), path, given); err != nil {
			return err
		}
	}
	return nil
}

// lookup finds the flag of a setting; help is none.
func (s *settings) lookup(name string) *pflag.Flag {
	if name == "help" {
		return nil
	}
	return s.flags.Lookup(name)
}

func (s *settings) set(f *pflag.Flag, value, from string, given map[string]bool) error {
	if given[f.Name] {
		return nil
	}
	if f.Value.Set(value) != nil {
		return badValue(f, from, value)
	}
	given[f.Name] = true
	s.from[f.Name] = from
	return nil
}

// given reports whether anybody has set a setting.
func (s *settings) given(option string) bool { return s.from[option] != "" || s.flags.Changed(option) }

// wrong is the error for a value that could be read but makes no sense.
func (s *settings) wrong(option, problem string) error {
	if from := s.from[option]; from != "" {
		return usagef("--%s (from %s): %s", option, from, problem)
	}
	return usagef("--%s: %s", option, problem)
}
