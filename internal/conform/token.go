package conform

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
)

// rngFor is the source of a check's names, texts and cuts: the same for the same
// seed, another for each check.
func rngFor(seed uint64, id string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // a hash takes everything
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

const (
	letters = "bcdfghjkmnpqrstvwxyz" // no vowels: no words by accident
	digits  = "23456789"
)

// newToken is a word that only one check of one run uses: a letter, then seven
// letters and digits.
func newToken(rng *rand.Rand) string {
	token := []byte{letters[rng.IntN(len(letters))]}
	for range 7 {
		token = append(token, (letters + digits)[rng.IntN(len(letters)+len(digits))])
	}
	return string(token)
}

// Quote shows bytes as a Go string does: control characters and what is no
// UTF-8 escaped.
func Quote(bytes string) string {
	const most = 300
	if len(bytes) > most {
		return strconv.QuoteToGraphic(bytes[:most/2]) + " … " + strconv.QuoteToGraphic(bytes[len(bytes)-most/4:]) +
			" (" + strconv.Itoa(len(bytes)) + " bytes)"
	}
	return strconv.QuoteToGraphic(bytes)
}
