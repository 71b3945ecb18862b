package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// TransferID is 128 bits, whose text is "trf_" and 26 characters of Crockford base32.
type TransferID [16]byte

const (
	transferPrefix = "trf_"
	crockford      = "0123456789abcdefghjkmnpqrstvwxyz"
)

// Ticket is a new id, which ascends with time. A client that may ask again is given
// its ticket before it asks.
func Ticket(now time.Time) TransferID {
	id, err := ParseTransferID(ident.New("trf", now))
	if err != nil {
		panic(err) // ident's own format
	}
	return id
}

// IDFor is the id for a key that the client chose: the same parts are the same id.
func IDFor(parts ...string) TransferID {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return TransferID(h.Sum(nil))
}

// ParseTransferID reads an id's text. Faults: Invalid "ledger.id".
func ParseTransferID(text string) (id TransferID, err error) {
	rest, ok := strings.CutPrefix(text, transferPrefix)
	bad := fault.New(fault.Invalid, "ledger.id")
	if !ok || len(rest) != 26 {
		return id, bad
	}
	var hi, lo uint64 // the first ten characters are 48 bits, the other sixteen 80
	for i := range 10 {
		v := strings.IndexByte(crockford, rest[i])
		if v < 0 || i == 0 && v > 7 {
			return id, bad
		}
		hi = hi<<5 | uint64(v)
	}
	var high uint16
	for i := 10; i < 26; i++ {
		v := strings.IndexByte(crockford, rest[i])
		if v < 0 {
			return id, bad
		}
		high = high<<5 | uint16(lo>>59)
		lo = lo<<5 | uint64(v)
	}
	binary.BigEndian.PutUint64(id[:], hi<<16|uint64(high))
	binary.BigEndian.PutUint64(id[8:], lo)
	return id, nil
}

// String is the id's text.
func (id TransferID) String() string {
	hi, lo := binary.BigEndian.Uint64(id[:]), binary.BigEndian.Uint64(id[8:])
	ms, high := hi>>16, hi&0xffff
	out := []byte(transferPrefix + "00000000000000000000000000")
	enc := out[len(transferPrefix):]
	for i := 9; i >= 0; i-- {
		enc[i] = crockford[ms&31]
		ms >>= 5
	}
	for i := 25; i >= 10; i-- {
		enc[i] = crockford[lo&31]
		lo = lo>>5 | high<<59
		high >>= 5
	}
	return string(out)
}

// Kind is what a transfer does.
type Kind uint8

// The kinds.
const (
	Plain  Kind = iota + 1 // moves units at once
	Hold                   // sets units of Debit aside for Credit
	Post                   // ends a hold: Amount is moved, the rest is free again
	Void                   // ends a hold: nothing is moved
	Expire                 // ends a hold whose time is over: nothing is moved
)

// String is the kind in English, for records and reports.
func (k Kind) String() string {
	switch k {
	case Plain:
		return "plain"
	case Hold:
		return "hold"
	case Post:
		return "post"
	case Void:
		return "void"
	case Expire:
		return "expire"
	}
	return "unknown"
}

// Transfer is one movement as it is asked for.
type Transfer struct {
	ID     TransferID
	Kind   Kind
	Debit  AccountID  // Plain, Hold: whose units
	Credit AccountID  // Plain, Hold: whose they become
	Amount int64      // Plain, Hold, Post: units, from 1; Post: at most what is held
	Hold   TransferID // Post, Void, Expire: the hold that ends
	Until  time.Time  // Hold: from then on it can only be voided or expired; zero: it stands until ended
	Claim  Claim      // Plain, Hold: counts against a quota; zero: against none
}

// Claim says for whom, against which quota and in which period a transfer counts. A
// void, an expiry and the rest of a post give back what they release.
type Claim struct {
	Quota  QuotaID
	Period uint32 // numbered by the caller: a day, a week, a round
	Holder string // the party's id, or whatever stands for the household or firm
}

// amountMost bounds one transfer, so that sums stay far from the end of int64.
const amountMost = 1 << 50

// check refuses what no book could admit.
func (t Transfer) check() error {
	var zero TransferID
	bad := func(field string) error {
		return fault.New(fault.Internal, "ledger.malformed", "what", t.Kind.String()+" "+field)
	}
	moves := t.Kind == Plain || t.Kind == Hold
	switch {
	case t.Kind < Plain || t.Kind > Expire:
		return bad("kind")
	case t.ID == zero:
		return bad("id")
	case moves && (t.Debit == "" || t.Credit == "" || t.Debit == t.Credit || t.Hold != zero):
		return bad("accounts")
	case !moves && (t.Debit != "" || t.Credit != "" || t.Hold == zero || t.Hold == t.ID || t.Claim != Claim{}):
		return bad("hold")
	case !t.Until.IsZero() && (t.Kind != Hold || t.Until.UnixMicro() <= 0):
		return bad("until")
	case (t.Claim.Quota == "") != (t.Claim.Holder == ""):
		return bad("claim")
	case t.Kind == Void || t.Kind == Expire:
		if t.Amount != 0 {
			return bad("amount")
		}
	case t.Amount < 1 || t.Amount > amountMost:
		return fault.New(fault.Invalid, "ledger.amount", "most", int64(amountMost))
	}
	return nil
}

// holderOf is the number under which a holder counts: 64 bits of SHA-256. Among ten
// million holders the odds that any two share one are three in a million, and those
// two would share one quota.
func holderOf(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}
