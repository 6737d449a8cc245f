package chatclient

import (
	"slices"

	"parley/internal/conform"
)

// The steps of the assignment's list for clients.
const (
	stepConnect    = 1
	stepDisconnect = 2
	stepSync       = 3
	stepAnswer     = 4
	stepLogin      = 5
	stepPublic     = 6
	stepUsers      = 7
	stepPrivate    = 8
	stepInbox      = 9
	stepJoke       = conform.ExtraStep
)

// Checks lists the checks, in the order of the steps.
func Checks() []*conform.Check {
	all := slices.Concat(connecting(), switching(), loggingIn(), talking(), listing(), whispering(), reading(), extra())
	for _, c := range all {
		c.Target = conform.Client
	}
	return all
}

// Checks that others need: without what they are about nothing can be seen of
// what comes later.
const (
	connectID = "client-connect"
	syncID    = "client-sync"
	loginID   = "client-login"
)

var (
	needConnect = []string{connectID}
	needSync    = []string{connectID, syncID}
	needLogin   = []string{connectID, syncID, loginID}
)
