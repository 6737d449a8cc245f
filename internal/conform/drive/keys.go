package drive

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Template is the file that describes the menu of the course's template, and
// explains how to describe another one.
//
//go:embed template.toml
var Template string

// action is something that a user of a chat client does.
type action struct {
	name string
	args []string // what is filled in, in the order in which checks give it
	may  []string // what else may be filled in
	asks string   // of a person, with a verb for each of args
}

var actions = []action{
	{name: "connect", may: []string{"{host}", "{port}"}, asks: "choose “connect”"},
	{name: "disconnect", asks: "choose “disconnect”"},
	{name: "login", args: []string{"{name}"}, asks: "choose “log in” and give the name %s"},
	{name: "public", args: []string{"{text}"}, asks: "choose “public message” and type %s"},
	{name: "private", args: []string{"{to}", "{text}"}, asks: "choose “private message”, to %s, and type %s"},
	{name: "inbox", asks: "choose “read the inbox”"},
	{name: "users", asks: "choose “list users”"},
	{name: "joke", asks: "choose “joke”"},
	{name: "quit", asks: "choose “quit”"},
}

func actionCalled(name string) (action, bool) {
	i := slices.IndexFunc(actions, func(a action) bool { return a.name == name })
	if i < 0 {
		return action{}, false
	}
	return actions[i], true
}

// Keys say what a program's menu wants to be typed for each action: lines in
// which {name} and the like stand for what the check fills in.
type Keys map[string][]string

// ParseKeys reads a file such as [Template]; name is for errors.
func ParseKeys(name, text string) (Keys, error) {
	keys := Keys{}
	if _, err := toml.Decode(text, &keys); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(keys["connect"]) == 0 {
		return nil, fmt.Errorf("%s: it does not say what to type for connect", name)
	}
	for chosen, lines := range keys {
		if err := validate(chosen, lines); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return keys, nil
}

var placeholder = regexp.MustCompile(`\{[a-zA-Z]*\}`)

func validate(name string, lines []string) error {
	a, ok := actionCalled(name)
	if !ok {
		return fmt.Errorf("there is no action %q; there are %s", name, strings.Join(actionNames(), ", "))
	}
	known := slices.Concat(a.args, a.may)
	all := strings.Join(lines, "\n")
	for _, p := range placeholder.FindAllString(all, -1) {
		switch {
		case slices.Contains(known, p):
		case len(known) == 0:
			return fmt.Errorf("%s: nothing is filled in here, so %s cannot be", name, p)
		default:
			return fmt.Errorf("%s: %s is not filled in here; %s is", name, p, strings.Join(known, " and "))
		}
	}
	for _, p := range a.args {
		if len(lines) > 0 && !strings.Contains(all, p) {
			return fmt.Errorf("%s: %s stands nowhere, so it would never be typed", name, p)
		}
	}
	if strings.Count(all, "\n") > len(lines)-1 && len(lines) > 0 {
		return fmt.Errorf("%s: a line end inside a line; each line is an element of its own, and Enter is typed behind it", name)
	}
	return nil
}

func actionNames() []string {
	var names []string
	for _, a := range actions {
		names = append(names, a.name)
	}
	return names
}

// asksForPort reports whether the menu asks where to connect to.
func (k Keys) asksForPort() bool {
	return slices.ContainsFunc(k["connect"], func(line string) bool { return strings.Contains(line, "{port}") })
}

// typed is what is typed for an action, address included in what is filled in.
func (k Keys) typed(name string, args []string, address *strings.Replacer) (keys string, ok bool) {
	a, known := actionCalled(name)
	lines := k[name]
	if !known || len(lines) == 0 || len(args) != len(a.args) {
		return "", false
	}
	var pairs []string
	for i, p := range a.args {
		pairs = append(pairs, p, args[i])
	}
	filledIn := strings.NewReplacer(pairs...)
	var all strings.Builder
	for _, line := range lines {
		if len(a.may) > 0 {
			line = address.Replace(line)
		}
		all.WriteString(filledIn.Replace(line) + "\n")
	}
	return all.String(), true
}
