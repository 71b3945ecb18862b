package ledger

import (
	"bytes"
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// catchUp brings the state to the end of the journal: from nothing, when somebody
// else has written, and when a request names an account opened since. What the
// journal adds up to must be what the accounts' rows say.
//
// Faults: NotFound "ledger.no_book", Internal "ledger.damaged", those of storage.Read.
func (d *desk) catchUp(requests []*request) error {
	if d.state != nil && !d.stale && !d.news(requests) {
		return nil
	}
	s, read := d.state, d.books.db.Read
	if s == nil {
		s, read = newState(d.book), d.books.db.Export
	}
	// What it had taken in when it failed, it has taken in: load goes on from there.
	if err := read(context.Background(), func(r storage.Reader) error { return s.load(r, d.book) }); err != nil {
		if fault.Is(err, "ledger.damaged") {
			d.state = nil
		}
		return err
	}
	d.state, d.stale = s, false
	return nil
}

// news is whether a request names an account or a quota that the state does not know.
func (d *desk) news(requests []*request) bool {
	for _, r := range requests {
		for _, t := range r.want {
			for _, a := range []AccountID{t.Debit, t.Credit} {
				if _, known := d.state.byID[a]; a != "" && !known {
					return true
				}
			}
			if _, known := d.state.quotaID[t.Claim.Quota]; t.Claim.Quota != "" && !known {
				return true
			}
		}
	}
	return false
}

// load reads what the state lacks from one snapshot.
func (s *state) load(r storage.Reader, book BookID) error {
	var last int64
	if err := r.Row(`select n from ledger_head where book = $1`, string(book)).Scan(&last); storage.NoRows(err) {
		return errNoBook()
	} else if err != nil {
		return err
	}
	stored, err := s.opened(r, book)
	if err != nil {
		return err
	}
	if err := s.follow(r, book); err != nil {
		return err
	}
	if s.n != last {
		return errDamaged()
	}
	for i, a := range stored {
		if have := s.accounts[i]; have.posted != a.Posted || have.held != a.Held || have.expected != a.Expected {
			return errDamaged()
		}
	}
	return nil
}

// opened adds the accounts and quotas opened since, and returns the balances stored.
func (s *state) opened(r storage.Reader, book BookID) ([]Balance, error) {
	stored, err := storage.All(r, scanBalance, `select `+balanceColumns+` from ledger_account where book = $1 order by n`, string(book))
	if err != nil {
		return nil, err
	}
	for _, b := range stored[min(len(s.accounts), len(stored)):] {
		s.accounts = append(s.accounts, account{Account: b.Account})
		s.byID[b.ID] = uint32(len(s.accounts))
	}
	quotas, err := storage.All(r, scanQuota, `select `+quotaColumns+` from ledger_quota where book = $1 order by n`, string(book))
	if err != nil {
		return nil, err
	}
	for _, q := range quotas[min(len(s.quotas), len(quotas)):] {
		s.quotas = append(s.quotas, q)
		s.quotaID[q.ID] = uint32(len(s.quotas))
	}
	if len(stored) != len(s.accounts) || len(quotas) != len(s.quotas) {
		return nil, errDamaged()
	}
	return stored, nil
}

// follow applies the batches behind the state's last.
func (s *state) follow(r storage.Reader, book BookID) error {
	rows, err := r.Query(`select `+batchColumns+` from ledger_batch where book = $1 and n > $2 order by n`, string(book), s.n)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		x, err := scanBatch(rows)
		if err != nil {
			return err
		}
		if x.n != s.n+1 || x.at < s.at || !bytes.Equal(x.sum(s.digest), x.digest) {
			return errDamaged()
		}
		if err := x.each(func(seq int64, r record) error { return s.apply(seq, r) }); err != nil {
			return err
		}
		s.n, s.at, s.digest = x.n, x.at, x.digest
	}
	return rows.Err()
}

const batchColumns = `n, first, transfers, at, digest, bytes`

func scanBatch(rows *storage.Rows) (x batch, err error) {
	return x, rows.Scan(&x.n, &x.first, &x.transfers, &x.at, &x.digest, &x.bytes)
}

// recordAt reads the transfer of a number, and its batch.
func recordAt(r storage.Reader, book BookID, seq int64) (x batch, found record, err error) {
	err = r.Row(`select `+batchColumns+` from ledger_batch where book = $1 and first <= $2 order by first desc limit 1`, string(book), seq).
		Scan(&x.n, &x.first, &x.transfers, &x.at, &x.digest, &x.bytes)
	if storage.NoRows(err) {
		return x, found, errDamaged()
	}
	if err != nil {
		return x, found, err
	}
	hit := false
	err = x.each(func(n int64, r record) error {
		if n == seq {
			found, hit = r, true
		}
		return nil
	})
	if err == nil && !hit {
		err = errDamaged()
	}
	return x, found, err
}

const balanceColumns = `id, book, unit, purpose, bounded, floor, posted, held, expected, opened`

func scanBalance(rows *storage.Rows) (b Balance, err error) {
	var bounded, opened int64
	err = rows.Scan(&b.ID, &b.Book, &b.Unit, &b.Purpose, &bounded, &b.Floor, &b.Posted, &b.Held, &b.Expected, &opened)
	b.Outside, b.Opened = bounded == 0, clock.FromMicros(opened)
	return b, err
}

const quotaColumns = `id, book, most, span, purpose, opened`

func scanQuota(rows *storage.Rows) (q Quota, err error) {
	var opened int64
	err = rows.Scan(&q.ID, &q.Book, &q.Most, &q.Span, &q.Purpose, &opened)
	q.Opened = clock.FromMicros(opened)
	return q, err
}
