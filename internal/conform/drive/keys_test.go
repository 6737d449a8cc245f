package drive_test

import (
	"strings"
	"testing"

	"parley/internal/conform/drive"
)

func TestTemplateIsRight(t *testing.T) {
	keys, err := drive.ParseKeys("template.toml", drive.Template)
	if err != nil || len(keys) != 9 {
		t.Errorf("%d actions, %v", len(keys), err)
	}
}

func TestKeysThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		``:                                     "what to type for connect",
		`connect = 1`:                          "incompatible types",
		`connect = ["1"`:                       "keys.toml",
		"connect = [\"1\"]\nlogon = [\"2\"]":   `no action "logon"; there are connect, disconnect, login`,
		"connect = [\"1\", \"{name}\"]":        "connect: {name} is not filled in here; {host} and {port} is",
		"connect = [\"1\"]\nquit = [\"{x}\"]":  "quit: nothing is filled in here, so {x} cannot be",
		"connect = [\"1\"]\nlogin = [\"3\"]":   "login: {name} stands nowhere",
		"connect = [\"1\"]\nquit = [\"9\\n\"]": "quit: a line end inside a line",
		"connect = [\"1\"]\nprivate = [\"5\", \"{to}\", \"{txt}\"]": "private: {txt} is not filled in here; {to} and {text} is",
	} {
		if _, err := drive.ParseKeys("keys.toml", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for want, opts := range map[string]drive.Options{
		"no command":              {},
		"no address":              {Command: []string{"true"}, Listen: "1300"},
		"the program cannot know": {Command: []string{"true"}, Listen: "127.0.0.1:0"},
	} {
		if _, err := drive.New(opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", opts, err, want)
		}
	}
}

// Only programs that can be told a port run beside each other.
func TestTogether(t *testing.T) {
	asks := drive.Keys{"connect": {"1", "{port}"}}
	for _, test := range []struct {
		opts drive.Options
		want bool
	}{
		{drive.Options{Command: []string{"x"}}, false},
		{drive.Options{Command: []string{"x", "{host}:{port}"}}, true},
		{drive.Options{Command: []string{"x"}, Keys: asks}, true},
		{drive.Options{Command: []string{"x", "{port}"}, Listen: "127.0.0.1:1300"}, false},
	} {
		programs, err := drive.New(test.opts)
		if err != nil || programs.Together() != test.want {
			t.Errorf("%v: %v", test.opts, err)
		}
	}
}
