package workresume

import (
	"crypto/rand"
	"encoding/binary"

	"breakwater/internal/ident"
)

// aloud is a fresh code to read aloud that nobody can foresee.
func aloud() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return ident.NewAloud(binary.BigEndian.Uint64(b[:]))
}
