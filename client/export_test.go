package client

// For tests of the package from outside.
const (
	MaxUnanswered = maxUnanswered
	MessageCost   = messageCost
)
