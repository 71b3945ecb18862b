package ledger

import (
	"math"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
)

// draft is the batch in the making: the transfers admitted so far, on top of the
// state, which it does not touch. Deciding is pure: what is asked, the state, and
// the time of the batch.
type draft struct {
	s         *state
	at        int64
	unguarded bool

	records []record
	ids     map[TransferID]int // index in records
	ended   map[uint32]bool    // holds that end here
	delta   map[uint32]delta
	used    map[uint64]int64
}

// delta is what a batch adds to one account.
type delta struct{ posted, held, expected int64 }

func (d *draft) reset(s *state, at int64) {
	d.s, d.at, d.records = s, at, d.records[:0]
	if d.ids == nil {
		d.ids, d.ended, d.delta, d.used = map[TransferID]int{}, map[uint32]bool{}, map[uint32]delta{}, map[uint64]int64{}
	}
	clear(d.ids)
	clear(d.ended)
	clear(d.delta)
	clear(d.used)
}

// decide admits all transfers of one caller or none. again says that the batch
// holds them already, from a caller before.
func (d *draft) decide(want []Transfer) (again bool, err error) {
	if _, known := d.ids[want[0].ID]; known {
		return true, d.same(want)
	}
	before := len(d.records)
	for i, t := range want {
		r, err := d.judge(t)
		if err != nil {
			d.cut(before)
			return false, err
		}
		r.linked = i < len(want)-1
		d.put(r, 1)
	}
	return false, nil
}

// cut takes the records from index n on out again.
func (d *draft) cut(n int) {
	for i := len(d.records) - 1; i >= n; i-- {
		d.put(d.records[i], -1)
	}
}

// put adds a record at the end, or with sign -1 takes the last one away.
func (d *draft) put(r record, sign int64) {
	x, _ := d.hold(r.hold)
	e := effectOf(r, x)
	a, b := d.delta[e.debit], d.delta[e.credit]
	a.posted -= sign * e.moved
	a.held += sign * e.set
	b.posted += sign * e.moved
	b.expected += sign * e.set
	d.delta[e.debit], d.delta[e.credit] = a, b
	if e.claim != 0 {
		d.used[e.claim] += sign * e.used
	}
	if sign > 0 {
		d.ids[r.id] = len(d.records)
		d.records = append(d.records, r)
		if r.hold > 0 {
			d.ended[r.hold] = true
		}
		return
	}
	delete(d.ids, r.id)
	delete(d.ended, r.hold)
	d.records = d.records[:len(d.records)-1]
}

// hold finds a hold by its number, of the state or of this batch, ended here or not.
func (d *draft) hold(seq uint32) (hold, bool) {
	if i := int64(seq) - d.s.seq - 1; i >= 0 {
		if i < int64(len(d.records)) && d.records[i].kind == Hold {
			return holdOf(d.records[i]), true
		}
		return hold{}, false
	}
	return d.s.holds.at(seq)
}

// number finds the number of an open hold by its id, and whether there was ever
// such a transfer.
func (d *draft) number(id TransferID) (seq uint32, open, known bool) {
	if i, here := d.ids[id]; here {
		seq = uint32(d.s.seq + 1 + int64(i))
		return seq, d.records[i].kind == Hold && !d.ended[seq], true
	}
	d.s.ids.each(idKey(id), func(n uint32) bool {
		known = true
		x, found := d.s.holds.at(n)
		if open = found && x.half == idHalf(id); open {
			seq = n
		}
		return open
	})
	return seq, open && !d.ended[seq], known
}

// judge decides one transfer.
func (d *draft) judge(t Transfer) (record, error) {
	r := record{kind: t.Kind, id: t.ID, amount: t.Amount}
	if _, twice := d.ids[t.ID]; twice {
		return r, errOther()
	}
	if t.Kind == Plain || t.Kind == Hold {
		return d.judgeMove(t, r)
	}
	seq, open, known := d.number(t.Hold)
	if !known {
		return r, fault.New(fault.NotFound, "ledger.no_hold")
	}
	if !open {
		return r, fault.New(fault.Conflict, "ledger.ended")
	}
	r.hold = seq
	x, _ := d.hold(seq)
	over := x.until > 0 && d.at >= x.until
	switch {
	case t.Kind == Post && over:
		return r, fault.New(fault.Conflict, "ledger.lapsed", "until", clock.FromMicros(x.until))
	case t.Kind == Post && t.Amount > x.amount:
		return r, fault.New(fault.Conflict, "ledger.more_than_held", "held", x.amount)
	case t.Kind == Expire && !over:
		return r, fault.New(fault.Conflict, "ledger.not_lapsed")
	}
	return r, nil
}

func (d *draft) judgeMove(t Transfer, r record) (record, error) {
	var err error
	if r, err = d.resolve(t, r); err != nil {
		return r, err
	}
	a, b := &d.s.accounts[r.debit-1], &d.s.accounts[r.credit-1]
	da, db := d.delta[r.debit], d.delta[r.credit]
	if a.Unit != b.Unit {
		return r, fault.New(fault.Internal, "ledger.malformed", "what", "units")
	}
	if r.until > 0 && r.until <= d.at {
		return r, fault.New(fault.Conflict, "ledger.lapsed", "until", t.Until)
	}
	// Sums stay where int64 and both engines count exactly.
	if a.posted+da.posted < -floorMost || b.posted+db.posted+b.expected+db.expected > floorMost {
		return r, fault.New(fault.Conflict, "ledger.too_much")
	}
	if d.unguarded {
		return r, nil
	}
	if free := a.posted + da.posted - a.held - da.held - a.Floor; !a.Outside && free < r.amount {
		return r, fault.New(fault.Exhausted, "ledger.exhausted", "free", free)
	}
	if r.quota > 0 {
		q := d.s.quotas[r.quota-1]
		if now := d.has(q, r); now+r.amount > q.Most {
			return r, fault.New(fault.Conflict, "ledger.quota", "most", q.Most, "left", q.Most-now)
		}
	}
	return r, nil
}

// has is what the holder has of a quota in the periods that count together with r's.
func (d *draft) has(q Quota, r record) (sum int64) {
	first, last := around(r.period, q.Span)
	for p := first; p <= last; p++ {
		key := claimKey(r.quota, uint32(p), r.holder)
		has, _ := d.s.used.at(key)
		sum += int64(has) + d.used[key]
	}
	return sum
}

// around is the first and the last period less than a span away from one.
func around(period uint32, span int64) (first, last int64) {
	return max(int64(period)-span+1, 0), min(int64(period)+span-1, math.MaxUint32)
}

// resolve names the accounts and the quota of a movement by number.
func (d *draft) resolve(t Transfer, r record) (record, error) {
	var ok bool
	if r.debit, ok = d.s.byID[t.Debit]; !ok {
		return r, errNoAccount()
	}
	if r.credit, ok = d.s.byID[t.Credit]; !ok {
		return r, errNoAccount()
	}
	r.until = micros(t.Until)
	if t.Claim.Quota != "" {
		if r.quota, ok = d.s.quotaID[t.Claim.Quota]; !ok {
			return r, errNoAccount()
		}
		r.period, r.holder = t.Claim.Period, holderOf(t.Claim.Holder)
	}
	return r, nil
}

// same compares what is asked with what this batch holds under the same ids.
func (d *draft) same(want []Transfer) error {
	for _, t := range want {
		i, known := d.ids[t.ID]
		if !known || !d.matches(t, d.records[i], func(seq uint32) TransferID {
			id := t.Hold
			if n, _, _ := d.number(id); n != seq {
				id = TransferID{}
			}
			return id
		}) {
			return errOther()
		}
	}
	return nil
}

// matches compares a transfer as asked with one as recorded; idOf is the id of a
// transfer by its number.
func (d *draft) matches(t Transfer, r record, idOf func(seq uint32) TransferID) bool {
	asked := record{kind: t.Kind, id: t.ID, amount: t.Amount, hold: r.hold, linked: r.linked}
	if t.Kind == Plain || t.Kind == Hold {
		var err error
		if asked, err = d.resolve(t, asked); err != nil {
			return false
		}
	}
	return asked == r && (r.hold == 0 || idOf(r.hold) == t.Hold)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

func errOther() error     { return fault.New(fault.Conflict, "ledger.other_content") }
func errNoAccount() error { return fault.New(fault.NotFound, "ledger.no_account") }
