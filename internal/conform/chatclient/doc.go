// Package chatclient has the checks of chat clients: what a client program puts
// on the wire when somebody uses its menu, whether it shows what it must, and
// whether it goes on when the server does not do what it hopes for. The server
// is played by the checks.
//
// What is shown must contain names, texts and reasons; how it looks is the
// program's own affair. How a program ends its lines is the matter of a few
// checks alone; the others read past it.
package chatclient
