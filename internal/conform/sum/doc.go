// Package sum has the checks of warm-up programs: of servers that add two
// numbers, and of the clients that ask them.
package sum
