package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// TransferID is 128 bits, whose text is "trf_" and 26 characters of Crockford base32.
type TransferID [16]byte

const transferPrefix = "trf"

// Ticket is a new id, which ascends with time. A client that may ask again is given
// its ticket before it asks.
func Ticket(now time.Time) TransferID {
	id, err := ParseTransferID(ident.New(transferPrefix, now))
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
func ParseTransferID(text string) (TransferID, error) {
	k, ok := ident.Pack(transferPrefix, text)
	if !ok {
		return TransferID{}, fault.New(fault.Invalid, "ledger.id")
	}
	return TransferID(k), nil
}

// String is the id's text.
func (id TransferID) String() string { return ident.Packed(id).Unpack(transferPrefix) }

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
