package statuslist

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// A store may be older than what it lent: somebody restored a backup, or put an old
// copy of the database back. Places lent in between are in codes that people carry,
// and lending them again would let one person's withdrawal end another's code. Such
// a store goes on in a list apart, with a number above every list that can ever
// have been opened.
//
// Three things say that a store is old: Restore, which knows; a file beside the
// store that remembers how far places were lent (Beside); and a code of our own
// that names a place never lent, as far as the store knows.

// reach is how far places were lent: all below Lent of a list, and every list below it.
type reach struct {
	List int64 `json:"list"`
	Lent int64 `json:"lent"`
}

func (r reach) below(o reach) bool { return r.List < o.List || r.List == o.List && r.Lent < o.Lent }

func higher(a, b reach) reach {
	if a.below(b) {
		return b
	}
	return a
}

// Apart opens a list whose places cannot have been lent, as the last step of a
// restore. The list's number is the second in which it is opened: lists that follow
// count on from there, and no district fills a million places in a second, so that
// every list opened before has a lower number.
func Apart(tx *storage.Tx, now time.Time) error {
	_, err := apart(tx, reach{}, now)
	return err
}

func apart(tx *storage.Tx, high reach, now time.Time) (list int64, err error) {
	top, err := top(tx)
	if err != nil {
		return 0, err
	}
	list = max(now.Unix(), higher(top, high).List+1)
	return list, open(tx, list, 0, now.Add(month), now)
}

// top is the open list and how far it is lent; zero before the first.
func top(r storage.Reader) (at reach, err error) {
	err = r.Row(`select list, lent from statuslist_list order by list desc limit 1`).Scan(&at.List, &at.Lent)
	if storage.NoRows(err) {
		return reach{}, nil
	}
	return at, err
}

func open(tx *storage.Tx, list, lent int64, until, now time.Time) error {
	_, err := tx.Exec(`insert into statuslist_list (list, lent, until, opened) values ($1, $2, $3, $4)`, list, lent, clock.Micros(until), clock.Micros(now))
	return err
}

// compare holds what a reading found lent against what was known before it, and
// lets an older store go on apart. On a store that others write to as well it also
// learns how far they lent.
func (s *Store) compare(ctx context.Context, known, found reach) error {
	s.lending.Lock()
	defer s.lending.Unlock()
	if found.below(known) {
		s.pool.high = higher(s.pool.high, known)
		if err := s.goApart(ctx); err != nil {
			return err
		}
	}
	s.pool.high = higher(s.pool.high, found)
	return s.remember()
}

// goApart asks again under the lock, since a reading may have begun before places
// were lent. What this process still has from the old store is left.
func (s *Store) goApart(ctx context.Context) error {
	high := s.pool.high
	var list int64
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		list = 0
		at, err := top(tx)
		if err != nil || !at.below(high) {
			return err
		}
		list, err = apart(tx, high, s.now())
		return err
	})
	if err != nil || list == 0 {
		return err
	}
	s.pool.free, s.pool.high = nil, reach{list, 0}
	s.ring()
	return nil
}

// known is how far places were lent as far as this process can tell without the
// store: by its own lending, by the file, and by codes it met.
func (s *Store) known() reach {
	s.lending.Lock()
	defer s.lending.Unlock()
	s.recall()
	s.live.mu.RLock()
	defer s.live.mu.RUnlock()
	return higher(s.pool.high, s.live.met)
}

// meet takes note of a place that a code of ours names. One beyond the open list's
// reach was lent by another process a moment ago, or before the store became older;
// the next reading tells.
func (s *Store) meet(r Ref) {
	at := reach{r.List, r.Place + 1}
	s.live.mu.RLock()
	beyond := s.live.top.below(at) && s.live.met.below(at)
	s.live.mu.RUnlock()
	if !beyond {
		return
	}
	s.live.mu.Lock()
	s.live.met = higher(s.live.met, at)
	s.live.mu.Unlock()
	s.ring()
}
