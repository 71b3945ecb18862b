package statuslist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/storage"
)

// TTL is how long a holder of a list should wait before asking again, Life how
// long a list is fresh: a gate without a network works a day, then says stale.
const (
	TTL  = 30 * time.Second
	Life = 24 * time.Hour
)

// keptVersions is from how many versions back a delta is made.
const keptVersions = 256

// live is what the lists say now, in memory.
type live struct {
	signing sync.Mutex // one publisher at a time

	mu     sync.RWMutex              // never held while something is read or signed
	top    reach                     // the open list, as last read
	met    reach                     // the furthest place that a code of ours named
	loaded bool                      // states are
	begun  bool                      // shown is
	states map[int64]map[int64]State // list → places that are not valid
	shown  map[int64]*published
	// since is what was committed while the store is being read: what was read may
	// be older. nil while nobody reads.
	since []note
}

type note struct {
	state State
	refs  []Ref
}

// published is one list as it was last signed.
type published struct {
	token    *Token
	cwt, jwt []byte
	tag      string // hexadecimal, changes with every signature
	rough    bool   // compressed quickly
	kid      string
	history  []version // oldest first, the last is token's

	signing sync.Mutex
	deltas  map[int][]byte // by place in history; made when asked for
}

// version is a list that was shown; changed are the places that differ from the
// version before.
type version struct {
	digest  Digest
	changed []int64
}

// note takes over what a transaction just committed.
func (l *live) note(n note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since != nil {
		l.since = append(l.since, n)
	}
	l.take(n)
}

func (l *live) take(n note) {
	for _, r := range n.refs {
		of := l.states[r.List]
		switch {
		case of == nil: // a list not read yet: reading it finds this too
		case n.state == Valid:
			delete(of, r.Place)
		default:
			of[r.Place] = n.state
		}
	}
}

// load reads which lists stand and what is not valid in them; known and found are
// how far places were lent, before the reading and by it.
func (s *Store) load(ctx context.Context) (known, found reach, err error) {
	states := map[int64]map[int64]State{}
	known = s.known()
	s.live.mu.Lock()
	s.live.since = []note{}
	s.live.mu.Unlock()
	err = s.db.Read(ctx, func(r storage.Reader) error {
		clear(states)
		var err error
		if found, err = top(r); err != nil {
			return err
		}
		lists, err := storage.All(r, func(rows *storage.Rows) (n int64, err error) { return n, rows.Scan(&n) },
			`select list from statuslist_list where until > $1`, clock.Micros(s.now()))
		if err != nil {
			return err
		}
		for _, n := range lists {
			states[n] = map[int64]State{}
			if _, err := storage.All(r, func(rows *storage.Rows) (struct{}, error) {
				var place, state int64
				err := rows.Scan(&place, &state)
				states[n][place] = State(state)
				return struct{}{}, err
			}, `select place, state from statuslist_state where list = $1`, n); err != nil {
				return err
			}
		}
		return nil
	})
	s.live.mu.Lock()
	since := s.live.since
	s.live.since = nil
	if err == nil {
		s.live.states, s.live.top, s.live.loaded = states, found, true
		for _, n := range since {
			s.live.take(n)
		}
	}
	s.live.mu.Unlock()
	if err != nil {
		return reach{}, reach{}, err
	}
	return known, found, nil
}

// rest is how long a list must have been as it is to be compressed at its best.
const rest = 30 * time.Second

// Publish reads the store afresh and signs every list that changed or has come to
// rest, whose half life has passed, or that was signed by a key no longer in use.
func (s *Store) Publish(ctx context.Context) error {
	s.live.signing.Lock()
	defer s.live.signing.Unlock()
	known, found, err := s.load(ctx)
	if err != nil {
		return err
	}
	s.live.mu.RLock()
	lists := slices.Collect(maps.Keys(s.live.states))
	s.live.mu.RUnlock()
	shown := map[int64]*published{}
	for _, n := range lists {
		if shown[n], err = s.sign(n); err != nil {
			return err
		}
	}
	s.live.mu.Lock()
	s.live.shown, s.live.begun = shown, true // a list in which nothing holds any more is gone
	s.live.mu.Unlock()
	return s.compare(ctx, known, found) // last: what is withdrawn is shown whatever the disk says
}

// sign gives a list as it has to be shown from now on.
func (s *Store) sign(n int64) (*published, error) {
	kid, key := s.key()
	now := s.now().UTC().Truncate(time.Second)
	s.live.mu.RLock()
	was, states := s.live.shown[n], maps.Clone(s.live.states[n])
	s.live.mu.RUnlock()
	changed := changes(was, states)
	settled := was == nil || len(changed) == 0 && (!was.rough || !now.Before(was.token.Issued.Add(rest)))
	if was != nil && len(changed) == 0 && (!was.rough || !settled) && now.Before(was.token.Issued.Add(Life/2)) &&
		was.kid == string(kid) && was.token.Subject == s.URI(n) {
		return was, nil
	}
	t := &Token{Subject: s.URI(n), Issuer: s.Issuer, Issued: now, Expires: now.Add(Life), TTL: TTL, list: blank().with(states)}
	next := &published{token: t, kid: string(kid), rough: !settled, deltas: map[int][]byte{}}
	if was != nil {
		next.history = was.history
	}
	if was == nil || len(changed) > 0 {
		first := max(0, len(next.history)-keptVersions+1)
		next.history = append(slices.Clone(next.history[first:]), version{t.Digest(), changed})
	}
	level := best
	if next.rough {
		level = quickly
	}
	lst, err := t.list.deflated(level)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "credential.encode")
	}
	payload, err := t.encode(lst)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "credential.encode")
	}
	if next.cwt, err = credential.SealToken(key, kid, TypeList, payload); err != nil {
		return nil, err
	}
	if next.jwt, err = t.jwt(kid, key, lst); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "credential.encode")
	}
	sum := sha256.Sum256(next.cwt)
	next.tag = hex.EncodeToString(sum[:12])
	return next, nil
}

// changes are the places whose state is not what was shown.
func changes(was *published, states map[int64]State) []int64 {
	if was == nil {
		return nil
	}
	var out []int64
	for i, state := range states {
		if shown, _ := was.token.list.status(uint64(i)); shown != state {
			out = append(out, i)
		}
	}
	for at, b := range was.token.list.packed {
		for i := int64(at) * 8 / Bits; b != 0; i, b = i+1, b>>Bits {
			if b&(1<<Bits-1) != 0 && states[i] == Valid {
				out = append(out, i)
			}
		}
	}
	return out
}

// Run publishes until ctx ends: at once when a state changed here, and every two
// seconds where other nodes may have changed one. A store that is briefly away is
// tried again.
func (s *Store) Run(ctx context.Context, shared bool, failed func(error)) error {
	pause, every := 500*time.Millisecond, time.Minute // a burst of changes is signed a few times, not each
	if shared {
		every = 2 * time.Second
	}
	for {
		if err := s.Publish(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		if !wait(ctx, pause, nil) || !wait(ctx, every, s.bell) {
			return nil
		}
	}
}

func wait(ctx context.Context, d time.Duration, bell <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-bell:
	case <-t.C:
	}
	return true
}
