package workresume

import (
	"crypto/rand"
	"encoding/binary"

	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// aloud is a fresh code to read aloud that nobody can foresee.
func aloud() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return ident.NewAloud(binary.BigEndian.Uint64(b[:]))
}

// free sets code to a fresh one that the query does not find taken.
func free(r storage.Reader, code *string, taken string) error {
	for {
		*code = aloud()
		var one int64
		if err := r.Row(taken, *code).Scan(&one); storage.NoRows(err) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
