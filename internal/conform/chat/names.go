package chat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/internal/conform"
	"parley/proto"
)

const (
	badFormat = "loginerr incorrect username format"
	inUse     = "loginerr username already in use"
)

// names are the checks of who is called what.
var names = []*conform.Check{
	{
		ID: "login", Rule: proto.P22, Step: loginFrom, Points: 3,
		Title: "`login` with a free name is answered `loginok`",
		Hint:  "The word alone, without the name, in one line.",
		Run: func(t *conform.T) {
			alice := t.Connect("alice")
			alice.Send("login " + alice.Name)
			alice.Expect(conform.Exactly("loginok").Because(func(got string) string { return overlookWords(t, got, "loginok", alice.Name) }))
			alice.Quiet()
		},
	},
	{
		ID: "speaks-without-login", Rule: proto.P20, Also: []proto.Rule{proto.P50}, Step: loginFrom, Points: 1,
		Title: "Whoever has not logged in may speak in public",
		Hint:  "Only private messages need a login.",
		Run:   speaksWithoutLogin,
	},
	{
		ID: "given-name-new", Rule: proto.P20, Step: answersFrom, Points: 1, Strict: true,
		Title: "Numbers of given names count up, and are not used again",
		Hint:  "Count connections in a counter that only counts up, not by the size of the collection.",
		Needs: []string{"msg-given-name"},
		Run:   givenNameNew,
	},
	{
		ID: "given-name-skips-taken", Rule: proto.P20, Phase: conform.Alone, Step: loginFrom, Points: 1, Strict: true,
		Title: "A given name is nobody else's: numbers whose names are in use are skipped",
		Hint:  "Somebody may have logged in as Anonymous7. Count up until the name is free.",
		Needs: []string{"msg-given-name", "login"},
		Run:   givenNameSkipsTaken,
	},
	{
		ID: "name-characters", Rule: proto.P21, Also: []proto.Rule{proto.P22}, Step: loginFrom, Points: 1,
		Title: "A name may have capitals, small letters and digits, in any order",
		Hint:  "Each character is a letter or a digit: nothing more is asked, not of the first one either.",
		Needs: []string{"login"},
		Run: func(t *conform.T) {
			alice := t.Connect("alice")
			for _, name := range []string{t.Name("Alice"), t.Name("ALICE99"), t.Name("007"), t.Name("x") + "9Z"} {
				login(alice, name, "loginok")
			}
		},
	},
	{
		ID: "name-format", Rule: proto.P23, Also: []proto.Rule{proto.P21}, Step: loginFrom, Points: 1,
		Title: "A name with another character is refused with `" + badFormat + "`",
		Hint:  "Look at every character of the name before you look whether it is taken.",
		Needs: []string{"login"},
		Run:   nameFormat,
	},
	{
		ID: "name-with-space", Rule: proto.P23, Step: loginFrom, Points: 1,
		Title: "Two words are no name: `login` with both is refused with `" + badFormat + "`",
		Hint:  "The name is everything behind the first space. Splitting at every space drops the second word unseen.",
		Needs: []string{"login"},
		Run:   nameWithSpace,
	},
	{
		ID: "name-length", Rule: proto.P21, Also: []proto.Rule{proto.P23}, Step: loginFrom, Points: 1,
		Title: "A name has up to 32 characters",
		Hint:  "Allow 32, and refuse 33 with `" + badFormat + "`.",
		Needs: []string{"login"},
		Run:   nameLength,
	},
	{
		ID: "name-taken", Rule: proto.P24, Step: loginFrom, Points: 2,
		Title: "A name that somebody has is refused with `" + inUse + "`",
		Hint:  "Before you give a name, go through all clients, and look whether one has it.",
		Needs: []string{"login"},
		Run:   nameTaken,
	},
	{
		ID: "name-own", Rule: proto.P24, Step: loginFrom, Points: 1,
		Title: "The name that one has oneself is taken too",
		Hint:  "The asker is one of the clients that you go through.",
		Needs: []string{"name-taken"},
		Run:   nameOwn,
	},
	{
		ID: "name-whole", Rule: proto.P24, Also: []proto.Rule{proto.P21}, Step: loginFrom, Points: 1,
		Title: "A name that is only a part of somebody's is free, and so is a longer one",
		Hint:  "Compare names with `==` or `equals`; `contains`, `in` on a text and `startsWith` find others too.",
		Needs: []string{"login"},
		Run:   nameWhole,
	},
	{
		ID: "name-case", Rule: proto.P21, Also: []proto.Rule{proto.P24}, Step: loginFrom, Points: 1,
		Title: "Capitals and small letters make different names",
		Hint:  "Compare names as they are, without lower-casing them.",
		Needs: []string{"login"},
		Run:   nameCase,
	},
	{
		ID: "rename", Rule: proto.P22, Also: []proto.Rule{proto.P50}, Step: loginFrom, Points: 1,
		Title: "A second login gives a new name",
		Hint:  "Set the name, whether there was one before or not.",
		Needs: []string{"login", "msg-sender-name"},
		Run:   rename,
	},
	{
		ID: "rename-frees", Rule: proto.P22, Step: loginFrom, Points: 1,
		Title: "After a second login the old name is free",
		Hint:  "Where names are kept in a set or map of their own, take the old one out.",
		Needs: []string{"rename"},
		Run:   renameFrees,
	},
	{
		ID: "failed-login-changes-nothing", Rule: proto.P22, Also: []proto.Rule{proto.P23, proto.P24}, Step: loginFrom, Points: 1,
		Title: "A login that is refused changes nothing",
		Hint:  "First see whether the name can be had, then change anything.",
		Needs: []string{"name-taken", "msg-sender-name"},
		Run:   failedLoginChangesNothing,
	},
	{
		ID: "name-race", Rule: proto.P26, Phase: conform.Alone, Step: loginFrom, Points: 2,
		Title: "Of twenty who ask for one name at once exactly one gets it",
		Hint:  "Seeing that a name is free and taking it must be one step: both under the same lock, or putIfAbsent.",
		Needs: []string{"name-taken"},
		Run:   nameRace,
	},
}

// login lets p ask for a name.
func login(p *conform.Peer, name, answer string) {
	p.Send("login " + name)
	p.ExpectLine(answer)
}

func speaksWithoutLogin(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob, text := peers[0], peers[1], t.Text("I have no name")
	alice.PassOver(isMessage)
	alice.Send("msg " + text)
	alice.Expect(msgok.Because(func(got string) string {
		if isError(got) {
			return "it wants a login before it passes on a public message"
		}
		return ""
	}))
	bob.Expect(saidBySomebody(text))
}

// numberOf returns the number in the name that was given to p.
func numberOf(t *conform.T, p, listener *conform.Peer) int {
	text := t.Text("who am I?")
	say(t, p, text)
	given := heardPublicly(t, listener, text)
	number, err := strconv.Atoi(strings.TrimPrefix(given, "Anonymous"))
	if err != nil || !strings.HasPrefix(given, "Anonymous") {
		t.Fail(conform.WrongLine, "a given name such as Anonymous1", "%s speaks as %s", p.Who, conform.Quote(given))
	}
	return number
}

func givenNameNew(t *conform.T) {
	alice := t.Connect("alice")
	last := 0
	for _, who := range []string{"bob", "carol", "dave"} {
		p := t.Connect(who)
		number := numberOf(t, p, alice)
		if number <= last {
			t.Cause("it counts those who are there, or gives numbers again")
			t.Fail(conform.WrongLine, fmt.Sprintf("a number above %d for %s", last, who), "it was %d", number)
		}
		last = number
		p.Close()
		t.Note("The number of %s, who leaves, is not used again.", who)
		t.Pause(conform.Silence)
	}
}

func givenNameSkipsTaken(t *conform.T) {
	peers := room(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	const ahead = 3
	taken := numberOf(t, bob, alice) + ahead
	t.Note("Bob takes a name that would be given soon.")
	login(bob, fmt.Sprintf("Anonymous%d", taken), "loginok")
	for i := range 2 * ahead {
		p := t.Connect(fmt.Sprintf("guest%d", i+1))
		if numberOf(t, p, alice) == taken {
			t.Fail(conform.WrongLine, "another name for "+p.Who+" than the one that bob has", "both are Anonymous%d", taken)
		}
	}
}

func nameFormat(t *conform.T) {
	alice := t.Connect("alice")
	for _, bad := range []string{"_", "-", ".", "!", "@", ":", "'"} {
		name := t.Name("al" + bad + "ice")
		alice.Send("login " + name)
		alice.Expect(conform.Exactly(badFormat).Because(func(got string) string {
			if got == "loginok" {
				return "it allows " + conform.Quote(bad) + " in a name"
			}
			return ""
		}))
	}
	for _, bad := range []string{"æ", "é", "名", "٣"} {
		name := t.Name("al" + bad + "ice")
		alice.Send("login " + name)
		want := conform.Exactly(badFormat)
		if t.Course() {
			want.Is = func(line string) bool { return line == badFormat || line == "loginok" }
		}
		if alice.Expect(want) == "loginok" {
			t.Remark("it takes %s for a letter or digit in a name; parley takes only A–Z, a–z and 0–9", conform.Quote(bad))
		}
	}
}

func nameWithSpace(t *conform.T) {
	alice := t.Connect("alice")
	names := []string{alice.Name + " again"}
	if !t.Course() {
		names = append(names, " "+alice.Name, t.Name("two")+"  "+t.Name("spaces"), t.Name("a")+"\tb")
	}
	for _, name := range names {
		alice.Send("login " + name)
		alice.Expect(conform.Exactly(badFormat).Because(func(got string) string {
			if got == "loginok" {
				return "it takes one word for the name, and overlooks the rest, or takes a name with a space"
			}
			return ""
		}))
	}
}

func nameLength(t *conform.T) {
	alice := t.Connect("alice")
	name := t.Name("")
	longest := name + strings.Repeat("x", 32-len(name))
	if !t.Course() {
		login(alice, longest, "loginok")
		alice.Send("login " + longest + "y")
		alice.Expect(conform.Exactly(badFormat).Because(func(got string) string {
			if got == "loginok" {
				return "it takes a name of 33 characters"
			}
			return ""
		}))
		return
	}
	either := conform.Matching("loginok|loginerr .*", conform.Quote("loginok\n")+" or a line that begins with "+conform.Quote("loginerr"))
	alice.Send("login " + longest)
	if line := alice.Expect(either); line != "loginok" {
		t.Remark("it refuses a name of 32 characters with %s; parley allows it", conform.Quote(line+"\n"))
	}
	alice.Send("login " + longest + "y")
	if line := alice.Expect(either); line != badFormat {
		t.Remark("a name of 33 characters is answered %s; parley's names have no more than 32", conform.Quote(line+"\n"))
	}
}

func nameTaken(t *conform.T) {
	alice, bob := t.Login("alice"), t.Connect("bob")
	bob.Send("login " + alice.Name)
	bob.Expect(conform.Exactly(inUse).Because(func(got string) string {
		if got == "loginok" {
			return "it gives a name that somebody has"
		}
		return ""
	}))
}

func nameOwn(t *conform.T) {
	alice := t.Login("alice")
	alice.Send("login " + alice.Name)
	want := conform.Exactly(inUse)
	if t.Course() {
		want.Is = func(line string) bool { return line == inUse || line == "loginok" }
	}
	if alice.Expect(want) == "loginok" {
		t.Remark("it lets one log in again with the name that one has; with parley that name is in use")
	}
}

func nameWhole(t *conform.T) {
	bob, alice := t.Login("bob"), t.Connect("alice")
	for _, name := range []string{bob.Name + "by", "big" + bob.Name, bob.Name[1:], bob.Name[:len(bob.Name)-1]} {
		alice.Send("login " + name)
		alice.Expect(conform.Exactly("loginok").Because(func(got string) string {
			if got == inUse {
				return fmt.Sprintf("it takes %s for %s: one only contains the other", conform.Quote(name), conform.Quote(bob.Name))
			}
			return ""
		}))
	}
}

func nameCase(t *conform.T) {
	bob, alice := t.Login("bob"), t.Connect("alice")
	alice.Send("login " + strings.ToUpper(bob.Name))
	alice.Expect(conform.Exactly("loginok").Because(func(got string) string {
		if got == inUse {
			return "it does not tell capitals from small letters"
		}
		return ""
	}))
}

func rename(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	newName, text := t.Name("alicia"), t.Text("it is still me")
	login(alice, newName, "loginok")
	say(t, alice, text)
	bob.Expect(conform.Exactly("msg " + newName + " " + text).Because(func(got string) string {
		if strings.HasPrefix(got, "msg "+alice.Name+" ") {
			return "it says `loginok` to a second login, and goes on with the first name"
		}
		return ""
	}))
}

func renameFrees(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob := peers[0], peers[1]
	login(alice, t.Name("alicia"), "loginok")
	t.Cause("the name that alice had before is still taken")
	login(bob, alice.Name, "loginok")
	t.Cause("the name that bob had before is still taken")
	login(alice, bob.Name, "loginok")
}

func failedLoginChangesNothing(t *conform.T) {
	peers := members(t, "alice", "bob")
	alice, bob, carol := peers[0], peers[1], t.Connect("carol")
	bob.Ignore()
	for _, bad := range []string{bob.Name, "not a name"} {
		alice.Send("login " + bad)
		if got := answer(t, alice); !strings.HasPrefix(got, "loginerr") {
			t.Skip("it needs a login that is refused; this one is answered %s", conform.Quote(got+"\n"))
		}
		text := t.Text("who am I now?")
		say(t, alice, text)
		carol.Expect(conform.Exactly("msg " + alice.Name + " " + text).Because(func(got string) string {
			if strings.HasSuffix(got, " "+text) {
				return "a login that was refused has changed the name all the same"
			}
			return ""
		}))
	}
	t.Note("Her name is still hers.")
	login(carol, alice.Name, inUse)
}

// raceRounds is how often a race is run: the time between looking and taking may
// be short.
const raceRounds = 10

func nameRace(t *conform.T) {
	var racers []*conform.Peer
	for i := range 20 {
		racers = append(racers, t.Connect(fmt.Sprintf("racer%d", i+1)))
	}
	t.Note("%d connections ask for one name at once. The winner leaves the race, and the others ask for another, %d times.", len(racers), raceRounds)
	for round := range raceRounds {
		winner := race(t, racers, t.Name(fmt.Sprintf("prize%d", round+1)))
		racers = slices.Delete(racers, winner, winner+1)
	}
	for _, p := range racers[1:] {
		p.Hide()
	}
}

// race lets all ask for a name, which exactly one must get. It returns which one.
func race(t *conform.T, racers []*conform.Peer, name string) (winner int) {
	for _, p := range racers {
		p.Send("login " + name)
	}
	outcome := conform.Matching("loginok|"+inUse, conform.Quote("loginok\n")+" to one, "+conform.Quote(inUse+"\n")+" to the others")
	var winners []int
	for i, p := range racers {
		if p.Expect(outcome) == "loginok" {
			winners = append(winners, i)
		}
	}
	if len(winners) == 1 {
		return winners[0]
	}
	for i, p := range racers {
		if !slices.Contains(winners[:min(len(winners), 2)], i) {
			p.Hide()
		}
	}
	if len(winners) > 1 {
		t.Cause("it looks whether a name is free and takes it in two steps; in between, another thread looks too")
	}
	t.Fail(conform.WrongLine, "exactly one "+conform.Quote("loginok\n"), "%d of %d who asked for %s at once got it",
		len(winners), len(racers), conform.Quote(name))
	return 0
}
