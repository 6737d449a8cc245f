package proto

// Rule is the id of a rule in docs/protocol.md: P-… for the chat, S-… for the
// warm-up service, X-… for the extensions.
type Rule string

// The rules, section by section.
const (
	// Transport, framing, text.
	P1  Rule = "P-1"
	P2  Rule = "P-2"
	P3  Rule = "P-3"
	P4  Rule = "P-4"
	P5  Rule = "P-5"
	P6  Rule = "P-6"
	P7  Rule = "P-7"
	P8  Rule = "P-8"
	P9  Rule = "P-9"
	P10 Rule = "P-10"
	P11 Rule = "P-11"
	P12 Rule = "P-12"
	P13 Rule = "P-13"
	P14 Rule = "P-14"
	P15 Rule = "P-15"
	P16 Rule = "P-16"
	P17 Rule = "P-17"

	// Names.
	P20 Rule = "P-20"
	P21 Rule = "P-21"
	P22 Rule = "P-22"
	P23 Rule = "P-23"
	P24 Rule = "P-24"
	P25 Rule = "P-25"
	P26 Rule = "P-26"
	P27 Rule = "P-27"

	// Modes.
	P40 Rule = "P-40"
	P41 Rule = "P-41"
	P42 Rule = "P-42"
	P44 Rule = "P-44"
	P43 Rule = "P-43"

	// Commands.
	P50 Rule = "P-50"
	P51 Rule = "P-51"
	P52 Rule = "P-52"
	P53 Rule = "P-53"
	P54 Rule = "P-54"
	P55 Rule = "P-55"
	P56 Rule = "P-56"
	P57 Rule = "P-57"
	P58 Rule = "P-58"
	P30 Rule = "P-30"

	// Spam.
	P60 Rule = "P-60"
	P61 Rule = "P-61"

	// Lifetime.
	P70 Rule = "P-70"
	P71 Rule = "P-71"
	P72 Rule = "P-72"
	P73 Rule = "P-73"

	// Order and guarantees.
	P80 Rule = "P-80"
	P81 Rule = "P-81"
	P82 Rule = "P-82"
	P83 Rule = "P-83"
	P84 Rule = "P-84"

	// WebSocket.
	P90 Rule = "P-90"
	P91 Rule = "P-91"

	// The warm-up service.
	S1 Rule = "S-1"
	S2 Rule = "S-2"
	S3 Rule = "S-3"
	S4 Rule = "S-4"

	// Stamps, history, search.
	X1  Rule = "X-1"
	X2  Rule = "X-2"
	X3  Rule = "X-3"
	X4  Rule = "X-4"
	X5  Rule = "X-5"
	X6  Rule = "X-6"
	X7  Rule = "X-7"
	X8  Rule = "X-8"
	X9  Rule = "X-9"
	X10 Rule = "X-10"
	X11 Rule = "X-11"
)

// Rules lists every rule in the order of the constants. The caller owns the
// slice.
func Rules() []Rule {
	return []Rule{
		P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12,
		P13, P14, P15, P16, P17,
		P20, P21, P22, P23, P24, P25, P26, P27,
		P40, P41, P42, P44, P43,
		P50, P51, P52, P53, P54, P55, P56, P57, P58, P30,
		P60, P61,
		P70, P71, P72, P73,
		P80, P81, P82, P83, P84,
		P90, P91,
		S1, S2, S3, S4,
		X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11,
	}
}
