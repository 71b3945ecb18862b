package statuslist

import (
	"crypto/ecdsa"
	"strconv"
	"strings"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// Key is asked for the key that signs now and its id, at every signature: keys
// rotate while the program runs.
type Key func() (kid []byte, key *ecdsa.PrivateKey)

// Store keeps the lists of one district and publishes them.
type Store struct {
	Issuer string // the district's name, as in its credentials; set before Run

	db  storage.Store
	key Key
	now clock.Clock
	url func() string // how people reach the program, without a slash at the end

	lending sync.Mutex // taken before live.mu, never after
	pool    pool
	beside  beside
	bell    chan struct{}
	live    live
}

// New returns the store; Run publishes. url is asked when a list is signed or a
// place named, since a server learns its address late.
func New(db storage.Store, key Key, now clock.Clock, url func() string) *Store {
	return &Store{
		db: db, key: key, now: now, url: url, bell: make(chan struct{}, 1),
		pool: pool{until: map[int64]time.Time{}}, live: live{states: map[int64]map[int64]State{}, shown: map[int64]*published{}},
	}
}

// URI is where a list is fetched.
func (s *Store) URI(list int64) string { return s.url() + Path + strconv.FormatInt(list, 10) }

// Set writes the state of places, in the transaction of the decision that it
// follows from. The list that says so is signed after the commit. Places that are
// no places are passed over.
func (s *Store) Set(tx *storage.Tx, state State, refs ...Ref) error {
	var changed []Ref
	for _, r := range refs {
		if !r.Zero() {
			changed = append(changed, r)
		}
	}
	at := clock.Micros(s.now())
	for rest := changed; len(rest) > 0; {
		n := 1 // few texts of the statement, whatever the number
		for _, most := range [...]int{64, 8} {
			if len(rest) >= most {
				n = most
				break
			}
		}
		if err := set(tx, state, at, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(changed) > 0 {
		tx.OnCommit(func() {
			s.live.note(note{state, changed})
			s.ring()
		})
	}
	return nil
}

func set(tx *storage.Tx, state State, at int64, refs []Ref) error {
	var text strings.Builder
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if state == Valid {
		text.WriteString(`delete from statuslist_state where `)
		for i, r := range refs {
			if i > 0 {
				text.WriteString(` or `)
			}
			text.WriteString(`(list = ` + arg(r.List) + ` and place = ` + arg(r.Place) + `)`)
		}
	} else {
		text.WriteString(`insert into statuslist_state (list, place, state, at) values `)
		for i, r := range refs {
			if i > 0 {
				text.WriteString(`, `)
			}
			text.WriteString(`(` + arg(r.List) + `, ` + arg(r.Place) + `, ` + arg(int64(state)) + `, ` + arg(at) + `)`)
		}
		text.WriteString(` on conflict (list, place) do update set state = excluded.state, at = excluded.at`)
	}
	_, err := tx.Exec(text.String(), args...)
	return err
}

func (s *Store) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}
