package zoo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

const (
	unsupported = "cmderr command not supported"
	silence     = "" // no answer; only flawed servers are silent
	nameTaken   = "loginerr username already in use"
	noName      = "loginerr incorrect username format"
)

// obey lets a line take effect and returns its answer, one line or a block. The
// server's lock is held.
func (c *chat) obey(m *member, line string) string {
	word, arg, hasArg := strings.Cut(c.trim(line), " ")
	if c.flaw == "ignores-case" {
		word = strings.ToLower(word)
	}
	switch {
	case word == "msg" && (hasArg || c.flaw == "says-nothing-at-all"):
		return c.msg(m, arg)
	case word == "privmsg":
		return c.privmsg(m, arg)
	case word == "login" && hasArg:
		return c.login(m, arg)
	case hasArg && c.flaw != "overlooks-arguments":
		return c.unsupported()
	}
	switch word {
	case "users":
		return c.users()
	case "help":
		return c.help()
	case "joke":
		return c.joke(m)
	case "sync", "async":
		return c.mode(m, word)
	case "inbox":
		return c.readInbox(m)
	}
	return c.unsupported()
}

// trim takes white space and control bytes off both ends of a line (P-4).
func trim(line string) string {
	return strings.TrimFunc(line, func(r rune) bool { return r <= ' ' })
}

func (c *chat) trim(line string) string {
	switch c.flaw {
	case "trims-nothing":
		return line
	case "keeps-the-cr":
		return strings.Trim(line, " ")
	case "squeezes-spaces":
		return strings.Join(strings.Fields(line), " ")
	}
	return trim(line)
}

func (c *chat) unsupported() string {
	if c.flaw == "silent-at-the-unknown" {
		return silence
	}
	if c.flaw == "rewords-the-error" {
		return "cmderr unknown command"
	}
	return unsupported
}

func (c *chat) find(name string) *member {
	for _, m := range c.members {
		if m.name == name {
			return m
		}
	}
	return nil
}

// recipient returns who is meant in a private message.
func (c *chat) recipient(name string) *member {
	if c.flaw == "finds-by-beginning" {
		for _, m := range c.members {
			if strings.HasPrefix(m.name, name) {
				return m
			}
		}
	}
	return c.find(name)
}

func (c *chat) login(m *member, name string) string {
	switch {
	case !c.isName(name):
		return noName
	case c.isTaken(name):
		return nameTaken
	}
	if c.flaw == "two-winners" {
		c.mu.Unlock() // as if looking and taking were two steps
		pause(5 * time.Millisecond)
		c.mu.Lock()
	}
	c.memory.taken[name] = true
	if c.flaw != "second-login-keeps-the-name" || !m.authorized {
		m.name = name
	}
	m.authorized = true
	if c.flaw == "announces-logins" {
		c.say(m, "msg server "+name+" has joined")
	}
	if c.flaw == "repeats-the-name" {
		return "loginok " + name
	}
	return "loginok"
}

// isName reports whether name may be one (P-21).
func (c *chat) isName(name string) bool {
	if c.flaw == "takes-any-name" {
		return name != "" && !strings.Contains(name, " ")
	}
	return name != "" && len(name) <= 32 && strings.Trim(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func (c *chat) isTaken(name string) bool {
	switch c.flaw {
	case "names-not-unique":
		return false
	case "names-stay-taken":
		return c.memory.taken[name]
	case "finds-by-contains":
		return strings.Contains(c.names(), name)
	case "names-ignore-case":
		return strings.Contains(strings.ToLower(c.names()+" "), " "+strings.ToLower(name)+" ")
	}
	return c.find(name) != nil
}

// names is what follows the word users: " alice bob".
func (c *chat) names() string {
	var names []string
	for _, m := range c.members {
		if m.authorized || c.flaw != "users-without-anonymous" {
			names = append(names, " "+m.name)
		}
	}
	if c.flaw == "users-sorted" {
		slices.Sort(names)
	}
	return strings.Join(names, "")
}

func (c *chat) users() string {
	names := c.names()
	if c.flaw == "users-of-yesterday" {
		names, c.memory.users = c.memory.users, names
	}
	return "users" + names
}

func (c *chat) help() string {
	const supported = "supported login msg privmsg users help sync async inbox joke"
	if c.flaw == "capital-help" {
		return strings.Replace(supported, "s", "S", 1)
	}
	if c.flaw == "help-in-two-lines" {
		return supported + c.lineEnd() + "type a command and press return"
	}
	return supported
}

func (c *chat) joke(m *member) string {
	jokes := []string{
		"A TCP segment walks into a bar, in two halves.",
		"I would tell you one about UDP, but you might not get it.",
		"There are two hard things in networking: order, exactly once, and order.",
	}
	joke := "joke " + jokes[rand.IntN(len(jokes))]
	switch c.flaw {
	case "joke-in-two-lines":
		return joke + c.lineEnd() + "Ha ha."
	case "joke-in-a-thread":
		time.AfterFunc(20*time.Millisecond, func() { m.out.add(joke+"\n", false) })
		return silence
	}
	return joke
}

func (c *chat) mode(m *member, word string) string {
	m.waiting = word == "sync" && c.flaw != "sync-changes-nothing"
	if word == "async" && c.flaw == "async-empties-the-inbox" {
		m.inbox = inbox{}
	}
	return "modeok"
}

// readInbox answers with one block (P-53).
func (c *chat) readInbox(m *member) string {
	lines := m.inbox.lines
	if c.flaw != "inbox-stays-full" {
		m.inbox = inbox{}
	}
	if c.flaw == "inbox-newest-first" {
		slices.Reverse(lines)
	}
	answer := []string{fmt.Sprintf("inbox %d", len(lines))}
	for _, line := range lines {
		if text, private := strings.CutPrefix(line, "priv"); private && c.flaw == "inbox-knows-no-private" {
			line = text
		}
		answer = append(answer, line)
	}
	return strings.Join(answer, c.lineEnd())
}

// pause is what a flawed server does that takes its time.
func pause(d time.Duration) { <-time.After(d) }
