package eventlog

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
)

// leaf is a fact in its final form. Its bytes are what the tree hashes, and a
// third party can read them with this description alone:
//
//	1 byte   version, 1
//	1 byte   0 public, 1 sealed
//	8 bytes  microseconds since 1970 UTC
//	5 texts  id, stream, name, actor, key: each 2 bytes of length, then UTF-8
//	the rest the body: public, 16 bytes of salt and the JSON; sealed, a nonce of
//	         12 bytes and the JSON under AES-256-GCM with all before it as
//	         associated data, by the key that `key` names
//
// Numbers are big-endian. There is one encoding of a fact, so decoding and
// encoding again gives the same bytes.
type leaf struct {
	sealed                       bool
	at                           int64
	id, stream, name, actor, key string
	body                         []byte
}

const (
	leafVersion = 1
	saltSize    = 16
	nonceSize   = 12
	textMax     = 512 // bytes of one text; far above any id or name we make
)

var errLeaf = errors.New("not a fact")

// head encodes everything before the body, with room for extra bytes after it.
func (f leaf) head(extra int) []byte {
	texts := [...]string{f.id, f.stream, f.name, f.actor, f.key}
	n := 10
	for _, t := range texts {
		n += 2 + len(t)
	}
	b := make([]byte, 0, n+extra)
	b = append(b, leafVersion, 0)
	if f.sealed {
		b[1] = 1
	}
	b = binary.BigEndian.AppendUint64(b, uint64(f.at))
	for _, t := range texts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(t)))
		b = append(b, t...)
	}
	return b
}

// decode reads a leaf; head is the part before the body.
func decode(b []byte) (f leaf, head []byte, err error) {
	if len(b) < 10 || b[0] != leafVersion || b[1] > 1 {
		return f, nil, errLeaf
	}
	f.sealed = b[1] == 1
	at := binary.BigEndian.Uint64(b[2:])
	if at > math.MaxInt64 {
		return f, nil, errLeaf
	}
	f.at = int64(at)
	rest := b[10:]
	for _, t := range [...]*string{&f.id, &f.stream, &f.name, &f.actor, &f.key} {
		if len(rest) < 2 {
			return f, nil, errLeaf
		}
		n := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+n {
			return f, nil, errLeaf
		}
		*t, rest = string(rest[2:2+n]), rest[2+n:]
	}
	if f.sealed == (f.key == "") || !f.sealed && len(rest) < saltSize || f.sealed && len(rest) < nonceSize {
		return f, nil, errLeaf
	}
	f.body = rest
	return f, b[:len(b)-len(rest)], nil
}

// laneOf is the hash by which a stream is found (see eventlog_lane).
func laneOf(stream string) int64 {
	sum := sha256.Sum256([]byte(stream))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
