package draw

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"

	"breakwater/internal/fault"
)

// Seed says, when the list is frozen, where the draw's values will come from: a Round of
// the beacon, or else the secrets of Witnesses, of whom one honest one is enough.
type Seed struct {
	Round     uint64 // of the beacon; 0: by witnesses
	Witnesses []Witness
}

// Witness is somebody who has chosen a secret and published its commitment.
type Witness struct {
	Name       string
	Commitment [sha256.Size]byte
}

// So many witnesses at least, who have no reason to plot together; and at most.
const (
	leastWitnesses = 3
	mostWitnesses  = 100
)

// Secrets are of so many bytes: not to be guessed, and short enough to be read out.
const (
	leastSecret = 16
	mostSecret  = 64
)

// Commit is what a witness publishes before the list is frozen. It binds the secret to
// this draw and this person, so that neither can be used for another.
func Commit(draw, name string, secret []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("breakwater witness 1\n" + draw + "\n" + name + "\n"))
	h.Write(secret)
	return [sha256.Size]byte(h.Sum(nil))
}

// prove holds the values against what was announced.
//
// Faults: Invalid draw.values, draw.beacon_false, draw.secret_size, draw.secret_other.
func (l *List) prove(values [][]byte) error {
	if l.Seed.Round > 0 {
		if len(values) != 1 {
			return fault.New(fault.Invalid, "draw.values", "want", 1, "got", len(values))
		}
		if !genuine(l.Seed.Round, values[0]) {
			return fault.New(fault.Invalid, "draw.beacon_false", "round", l.Seed.Round)
		}
		return nil
	}
	if len(values) != len(l.Seed.Witnesses) {
		return fault.New(fault.Invalid, "draw.values", "want", len(l.Seed.Witnesses), "got", len(values))
	}
	for i, w := range l.Seed.Witnesses {
		if n := len(values[i]); n < leastSecret || n > mostSecret {
			return fault.New(fault.Invalid, "draw.secret_size", "name", w.Name, "least", leastSecret, "most", mostSecret)
		}
		if c := Commit(l.ID, w.Name, values[i]); subtle.ConstantTimeCompare(c[:], w.Commitment[:]) != 1 {
			return fault.New(fault.Invalid, "draw.secret_other", "name", w.Name)
		}
	}
	return nil
}

// key is the string that RFC 3797, section 4, mixes into each number: the sources in
// their order, each with "./" behind it. The list's hash is the first, so that the same
// values say nothing about any other list, and the pot the last.
func key(list [sha256.Size]byte, values [][]byte, pot int) []byte {
	out := append(hex.AppendEncode(nil, list[:]), "./"...)
	for _, v := range values {
		out = append(hex.AppendEncode(out, v), "./"...)
	}
	return append(strconv.AppendInt(out, int64(pot), 10), "./"...)
}
