// Package zoo has programs of the course in which exactly one thing is wrong,
// each with the rule that it breaks and the check that is about it: to prove
// that the checks find what they are for, and for finding the bug as an
// exercise.
//
// There is one correct program of each kind, written for this package alone: it
// shares no code with the server and the clients of parley. A [Mistake] is that
// program with one flaw planted, whose name stands where it is planted.
package zoo
