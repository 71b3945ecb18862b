package statuslist

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"io"

	"breakwater/internal/kernel/credential"
)

// Digest is the SHA-256 of a list's bits before compression.
type Digest [sha256.Size]byte

// list is packed bits: place i is in byte i*bits/8, the lowest bits first (§4.1
// of the draft). It is never changed, only replaced.
type list struct {
	bits   uint // 1, 2, 4 or 8
	packed []byte
}

// maxPacked bounds a list that somebody else made: four million places at two bits.
const maxPacked = 1 << 20

var errList = errors.New("not a status list within limits")

func blank() list { return list{Bits, make([]byte, Size*Bits/8)} }

// with returns the list with some places changed.
func (l list) with(changes map[int64]State) list {
	out := list{l.bits, bytes.Clone(l.packed)}
	for i, s := range changes {
		at, shift := out.locate(uint64(i))
		mask := byte(1<<l.bits-1) << shift
		out.packed[at] = out.packed[at]&^mask | byte(s)<<shift&mask
	}
	return out
}

func (l list) locate(i uint64) (at uint64, shift uint) {
	per := uint64(8 / l.bits)
	return i / per, uint(i%per) * l.bits
}

// status of a place; ok is false outside the list.
func (l list) status(i uint64) (s State, ok bool) {
	if i >= uint64(len(l.packed))*8/uint64(l.bits) {
		return 0, false
	}
	at, shift := l.locate(i)
	return State(l.packed[at] >> shift & byte(1<<l.bits-1)), true
}

func (l list) digest() Digest { return sha256.Sum256(l.packed) }

// How hard a list is compressed. Of a million of which 1 % are withdrawn, quickly is
// 16.0 KB in 0.1 s and best 14.3 KB in 0.8 s: a change is shown at once, and a list
// that has come to rest is compressed once more for all who fetch it.
const (
	quickly = 7
	best    = zlib.BestCompression
)

// deflated is the list as the claim "lst" has it.
func (l list) deflated(level int) ([]byte, error) {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(l.packed); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inflated reads a claim.
func inflated(bits uint64, lst []byte) (list, error) {
	if bits != 1 && bits != 2 && bits != 4 && bits != 8 {
		return list{}, errList
	}
	in := bytes.NewReader(lst)
	r, err := zlib.NewReader(in)
	if err != nil {
		return list{}, errList
	}
	packed, err := io.ReadAll(io.LimitReader(r, maxPacked+1))
	if err != nil || len(packed) > maxPacked || in.Len() > 0 {
		return list{}, errList
	}
	return list{uint(bits), packed}, nil
}

// word is a state as a check answers it. A state that only its issuer could
// explain is not valid.
func word(s State) credential.Status {
	switch s {
	case Valid:
		return credential.StatusValid
	case Invalid:
		return credential.Revoked
	case Suspended:
		return credential.Suspended
	}
	return credential.Unknown
}
