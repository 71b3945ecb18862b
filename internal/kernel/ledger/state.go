package ledger

import (
	"encoding/binary"
)

// account is one account in memory.
type account struct {
	Account
	posted, held, expected int64
}

// state is a book as its journal stands up to batch n: the fold of all transfers.
// Only the desk that serves the book touches it, and nothing gets in before it is
// durable.
type state struct {
	n      int64 // the last batch
	at     int64 // its time
	seq    int64 // the last transfer
	digest []byte

	accounts []account // number n at n-1
	byID     map[AccountID]uint32
	quotas   []Quota
	quotaID  map[QuotaID]uint32

	ids   flat // numbers of transfers by idKey
	used  flat // units by claimKey
	holds holds
}

func newState(book BookID) *state {
	return &state{digest: origin(book), byID: map[AccountID]uint32{}, quotaID: map[QuotaID]uint32{}, holds: newHolds()}
}

// idKey is an id's key among the numbers. Two ids may have one: whoever looks up
// compares the whole id, which the journal has; an open hold keeps the half of its
// id with which the key is the whole.
func idKey(id TransferID) uint64 { return spread(idHalf(id)) ^ binary.BigEndian.Uint64(id[8:]) }

func idHalf(id TransferID) uint64 { return binary.BigEndian.Uint64(id[:]) }

// claimKey is the key of what a holder has of a quota in a period: among the holders
// of one quota and period, each has its own.
func claimKey(quota, period uint32, holder uint64) uint64 {
	if quota == 0 {
		return 0
	}
	return full(spread(uint64(quota)<<32|uint64(period)) ^ holder)
}

// effect is what a transfer adds to its two accounts, and to the units its holder
// has of a quota.
type effect struct {
	debit, credit uint32
	moved         int64 // from debit's posted to credit's
	set           int64 // to debit's held and credit's expected
	claim         uint64
	used          int64
}

// effectOf is the effect of a record, whose hold is x when it ends one.
func effectOf(r record, x hold) effect {
	switch r.kind {
	case Plain:
		return effect{r.debit, r.credit, r.amount, 0, claimKey(r.quota, r.period, r.holder), r.amount}
	case Hold:
		return effect{r.debit, r.credit, 0, r.amount, claimKey(r.quota, r.period, r.holder), r.amount}
	case Post:
		return effect{x.debit, x.credit, r.amount, -x.amount, x.claim, r.amount - x.amount}
	}
	return effect{x.debit, x.credit, 0, -x.amount, x.claim, -x.amount}
}

// holdOf is the open hold that a record begins.
func holdOf(r record) hold {
	return hold{r.debit, r.credit, r.amount, r.until, claimKey(r.quota, r.period, r.holder), idHalf(r.id)}
}

// apply takes in the next transfer of the journal, which was judged when it was
// admitted. What could not have been admitted is Internal "ledger.damaged".
func (s *state) apply(seq int64, r record) error {
	if seq != s.seq+1 || seq > 1<<32-1 {
		return errDamaged()
	}
	var x hold
	if r.hold > 0 {
		var open bool
		if x, open = s.holds.at(r.hold); !open {
			return errDamaged()
		}
	}
	e := effectOf(r, x)
	if !s.has(e.debit) || !s.has(e.credit) || int(r.quota) > len(s.quotas) {
		return errDamaged()
	}
	debit, credit := &s.accounts[e.debit-1], &s.accounts[e.credit-1]
	debit.posted -= e.moved
	credit.posted += e.moved
	debit.held += e.set
	credit.expected += e.set
	if e.claim != 0 {
		s.used.shift(e.claim, e.used)
	}
	if r.kind == Hold {
		s.holds.put(uint32(seq), holdOf(r))
	}
	if r.hold > 0 {
		s.holds.end(r.hold)
	}
	s.ids.add(idKey(r.id), uint32(seq))
	s.seq = seq
	return nil
}

func (s *state) has(account uint32) bool { return account >= 1 && int(account) <= len(s.accounts) }
