package statuslist

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// Block is how many places are lent at once. Nobody can tell from a place which
// of the block's credentials was issued before another, and a stop of the program
// loses at most so many places, which stay valid and cost nothing.
const Block = 4096

// month is the grain of a list's end: it is written rarely, not with each credential.
const month = 32 * 24 * time.Hour

// pool is what this process has been lent and not given out.
type pool struct {
	high  reach // the furthest known to be lent, by anybody
	list  int64
	free  []int64             // in the order they will be given
	until map[int64]time.Time // list → end, as far as it is known to be stored
}

// Allot gives a place to a credential that lives until a moment. It reads or
// writes the store only when a block is used up or a list's end moves; it must
// not be called inside a Write.
func (s *Store) Allot(ctx context.Context, until time.Time) (Ref, error) {
	s.lending.Lock()
	defer s.lending.Unlock()
	if len(s.pool.free) == 0 {
		if err := s.lend(ctx, until); err != nil {
			return Ref{}, err
		}
	}
	if err := s.prolong(ctx, s.pool.list, until); err != nil {
		return Ref{}, err
	}
	n := len(s.pool.free) - 1
	r := Ref{s.pool.list, s.pool.free[n]}
	s.pool.free = s.pool.free[:n]
	return r, nil
}

// Keep lets a credential that replaces another of the same bearer have its place:
// what is decided about one is decided about both. The list lives until then.
func (s *Store) Keep(ctx context.Context, r Ref, until time.Time) error {
	s.lending.Lock()
	defer s.lending.Unlock()
	return s.prolong(ctx, r.List, until)
}

// lend takes the next block of the open list, or opens one.
func (s *Store) lend(ctx context.Context, until time.Time) error {
	s.recall()
	high := s.pool.high
	var list, first int64
	end := s.now().Add(month)
	if until.After(s.now()) {
		end = until.Add(month)
	}
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		at, err := top(tx)
		if err != nil {
			return err
		}
		if at.below(high) { // an older store
			if at.List, err = apart(tx, high, s.now()); err != nil {
				return err
			}
			at.Lent = 0
		}
		list, first = at.List, at.Lent
		if list == 0 || first+Block > Size {
			list, first = list+1, 0
			return open(tx, list, Block, end, s.now())
		}
		_, err = tx.Exec(`update statuslist_list set lent = $1 where list = $2`, first+Block, list)
		return err
	})
	if err != nil {
		return err
	}
	free := make([]int64, Block)
	for i := range free {
		free[i] = first + int64(i)
	}
	if err := shuffle(free); err != nil {
		return err
	}
	s.pool.list, s.pool.free, s.pool.high = list, free, reach{list, first + Block}
	_ = s.remember() // on a full disk Publish tries again, and says so
	s.ring()         // a list that is new has to be served before it is asked for
	return nil
}

// prolong moves a list's end where a credential would outlive it.
func (s *Store) prolong(ctx context.Context, list int64, until time.Time) error {
	if !until.After(s.pool.until[list]) {
		return nil
	}
	var stored int64
	end := clock.Micros(until.Add(month))
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Row(`select until from statuslist_list where list = $1`, list).Scan(&stored); err != nil {
			return err
		}
		if stored >= clock.Micros(until) {
			return nil
		}
		stored = end
		_, err := tx.Exec(`update statuslist_list set until = $1 where list = $2`, end, list)
		return err
	})
	if err != nil {
		return err
	}
	s.pool.until[list] = clock.FromMicros(stored)
	s.ring()
	return nil
}

// shuffle orders places by chance that nobody can foresee.
func shuffle(places []int64) error {
	for i := len(places) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return err
		}
		places[i], places[j.Int64()] = places[j.Int64()], places[i]
	}
	return nil
}
