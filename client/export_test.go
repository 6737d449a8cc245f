package client

// For tests of the package from outside.
var WithPort = withPort

const (
	MaxUnanswered = maxUnanswered
	MessageCost   = messageCost
)
