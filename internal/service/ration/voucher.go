package ration

import (
	"crypto/sha256"
	"encoding/binary"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/ledger"
)

// spoken is the short code of an allotment, "K7M2-9QXD": it follows from the random
// part of its id, so that nobody guesses another's, and it is looked for among what
// one counter has to hand over, where it stands for one.
func spoken(id ledger.TransferID) string {
	sum := sha256.Sum256(append([]byte("breakwater voucher 1\n"), id[:]...))
	return ident.NewAloud(binary.BigEndian.Uint64(sum[:]))
}
