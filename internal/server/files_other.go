//go:build !unix

package server

// raiseFileLimit reports that there is no limit here that we know of.
func raiseFileLimit() (int, error) { return 0, nil }
