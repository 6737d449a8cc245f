package session

import (
	"errors"
	"math/rand/v2"
	"time"

	"parley/internal/hub"
	"parley/proto"
)

// command is a row of the table of commands: what must hold before it runs, and
// what it does.
type command struct {
	authorized bool // only after login (P-52)
	gathers    bool // may join the messages before it; others let them out first
	run        func(s *Session, c proto.Command)
}

var commands = [proto.NumVerbs]command{
	proto.Unsupported: {run: (*Session).unsupported},
	proto.Login:       {run: (*Session).login},
	proto.Msg:         {run: (*Session).msg, gathers: true},
	proto.Privmsg:     {run: (*Session).privmsg, authorized: true},
	proto.Users:       {run: (*Session).users},
	proto.Help:        {run: (*Session).help},
	proto.Sync:        {run: (*Session).sync},
	proto.Async:       {run: (*Session).async},
	proto.Inbox:       {run: (*Session).inbox},
	proto.Joke:        {run: (*Session).joke},
	proto.StampLines:  {run: (*Session).stamp},
	proto.History:     {run: (*Session).history},
	proto.Search:      {run: (*Session).search},
}

// run answers one command; every command has exactly one answer (P-43).
func (s *Session) run(c proto.Command) {
	row := &commands[c.Verb]
	s.batch.lines[c.Verb]++
	if !row.gathers {
		s.say()
	}
	if row.authorized && !s.authorized {
		s.reply(proto.MsgUnauthorized)
		return
	}
	row.run(s, c)
}

func (s *Session) unsupported(proto.Command) { s.reply(proto.CmdUnsupported) }

// login is P-22 to P-27.
func (s *Session) login(c proto.Command) {
	result := s.rename(c.Name)
	s.stats.Logins[result].Add(1)
	s.reply(loginAnswers[result])
}

var loginAnswers = [numLogins]string{
	LoginOK:          proto.LoginOK,
	LoginBadName:     proto.LoginBadName,
	LoginTaken:       proto.LoginTaken,
	LoginUnavailable: proto.LoginNotNow,
}

func (s *Session) rename(to []byte) LoginResult {
	if !proto.ValidName(to) {
		return LoginBadName
	}
	name := string(to)
	switch err := s.room.Rename(s.member, name); {
	case err == nil:
		s.name, s.authorized = name, true
		return LoginOK
	case errors.Is(err, hub.ErrNameTaken):
		return LoginTaken
	}
	return LoginUnavailable
}

// msg is P-50. The message waits in the batch for others that came with it.
func (s *Session) msg(c proto.Command) {
	if !s.mayTalk() {
		return
	}
	b := s.batch
	b.said = proto.AppendPublic(b.said, s.name, c.Text)
	b.messages++
	if len(b.said) > maxSaid || b.messages == hub.MaxLines {
		s.say()
	}
}

// privmsg is P-51 and P-52, in the order of the latter.
func (s *Session) privmsg(c proto.Command) {
	if !c.Complete() {
		s.reply(proto.CmdUnsupported)
		return
	}
	if !s.mayTalk() {
		return
	}
	if string(c.Name) == s.name {
		s.flush() // the message must not overtake the answers before it
	}
	b := hub.NewBlock(proto.AppendPrivate(nil, s.name, c.Text), 1)
	if s.room.Whisper(c.Name, b) != nil {
		s.reply(proto.MsgNoRecipient)
		return
	}
	s.stats.Private.Add(1)
	if s.stamped {
		s.batch.answers = proto.AppendMsgOKStamped(s.batch.answers, 1, b.Stamp(0))
		return
	}
	s.batch.answers = proto.AppendMsgOK(s.batch.answers, 1)
}

// mayTalk counts a message, or answers that it is refused (P-60, P-61).
func (s *Session) mayTalk() bool {
	left, began := s.spam.take(s.batch.clock())
	if left == 0 {
		return true
	}
	s.stats.Refused.Add(1)
	if began {
		s.stats.Blocks.Add(1)
	}
	s.say()
	seconds := int((left + time.Second - 1) / time.Second)
	s.batch.answers = proto.AppendSpamBlocked(s.batch.answers, seconds)
	return false
}

// users is P-55. A long list goes out as it is: all who ask share it, so those
// who ask often and read slowly cost one copy together.
func (s *Session) users(proto.Command) {
	s.settleNames()
	list := s.room.Users()
	if len(list) <= maxAnswers {
		s.batch.answers = append(s.batch.answers, list...)
		return
	}
	s.flush()
	if !s.out.answer(list) {
		s.awaitRoom()
	}
}

func (s *Session) help(proto.Command) {
	if s.opts.History.CanSearch() {
		s.reply(proto.HelpWithSearch)
		return
	}
	s.reply(proto.HelpAnswer)
}

func (s *Session) joke(proto.Command) {
	joke := s.opts.Jokes[rand.IntN(len(s.opts.Jokes))]
	s.batch.answers = proto.AppendJoke(s.batch.answers, joke)
}

func (s *Session) sync(proto.Command) {
	s.reply(proto.ModeOK)
	s.sent(s.out.answerMode(s.batch.answers, true))
}

func (s *Session) async(proto.Command) {
	s.reply(proto.ModeOK)
	s.sent(s.out.answerMode(s.batch.answers, false))
}

func (s *Session) inbox(proto.Command) {
	s.settleSayings()
	s.sent(s.out.answerInbox(s.batch.answers))
}

// stamp is X-3.
func (s *Session) stamp(proto.Command) {
	s.stamped = true
	s.reply(proto.ModeOK)
	s.sent(s.out.answerStamp(s.batch.answers))
}

// history is.
func (s *Session) history(c proto.Command) {
	s.look(func(newest int64) ([]byte, error) { return s.opts.History.Page(nil, c.Page, newest) })
}

// search is X-10.
func (s *Session) search(c proto.Command) {
	if !s.opts.History.CanSearch() {
		s.reply(proto.CmdUnsupported)
		return
	}
	s.look(func(newest int64) ([]byte, error) { return s.opts.History.Search(nil, c.Text, newest) })
}

// look answers with what is found of all that was said up to one moment: just
// there the answer stands among what others say, however long the looking
// takes.
func (s *Session) look(find func(newest int64) ([]byte, error)) {
	s.flush()
	s.settleSayings()
	var newest int64
	s.room.Cut(func() {
		newest = s.opts.History.Newest()
		s.out.hold()
	})
	block, err := find(newest)
	if err != nil {
		block = []byte(proto.CmdUnsupported)
	}
	if !s.out.release(block) {
		s.awaitRoom()
	}
}
