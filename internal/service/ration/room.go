package ration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/waiting"
	"breakwater/internal/storage"
)

// room is the waiting room of a campaign's round. Its places are transfers of a book of
// its own, so that everybody who reads the journal finds the same order; memory is what
// the journal adds up to, and the row says how far the turn has come.
type room struct {
	*waiting.Room
	campaign string
	day      Day
	hash     string
	sealed   []byte

	book                 ledger.BookID
	door, places, opened ledger.AccountID
	ticketKey            []byte // of this room: whose a ticket is, nobody else can work out

	reading sync.Mutex // one reads the journal on
	batch   int64      // as far as it was read
	turn    atomic.Pointer[turn]
	stand   atomic.Pointer[stand]

	// Only the worker touches what follows.
	pace  waiting.Pace
	marks waiting.Marks
}

// turn is a room's row as it was last read.
type turn struct {
	seed   string // "" until lots are drawn
	digest string // recorded
	let    int64  // places before this one have their turn
	moved  time.Time
	told   int64
	alone  bool // no other process moves it
}

// stand is what a room's worker last found: for estimates, which bind nobody.
type stand struct {
	left    int64   // shares; negative where nobody can say
	pace    float64 // a second, now
	lately  float64
	known   bool // lately was measured
	coming  int64
	full    bool
	checked time.Time
}

// roomKey is under which a room is kept.
type roomKey struct {
	campaign string
	day      Day
}

func (k roomKey) String() string { return k.campaign + "." + k.day.String() }

const roomColumns = `select campaign, day, book, door, places, opened, hash, sealed, seed, digest, let, moved, told from ration_room `

// room finds a campaign's room of a day; nil if there is none yet.
func (s *Service) room(ctx context.Context, c *opened, day Day) (*room, error) {
	key := roomKey{c.ID, day}
	if kept, ok := s.rooms.Load(key); ok {
		return kept.(*room), nil
	}
	var m *room
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		m, err = s.readRoom(r, key)
		return err
	}); err != nil || m == nil {
		return nil, err
	}
	if err := s.follow(ctx, m); err != nil {
		return nil, err
	}
	kept, _ := s.rooms.LoadOrStore(key, m)
	return kept.(*room), nil
}

func (s *Service) readRoom(r storage.Reader, key roomKey) (*room, error) {
	var m room
	var t turn
	var moved, day int64
	var book, door, places, opened string
	err := r.Row(roomColumns+`where campaign = $1 and day = $2`, key.campaign, int64(key.day)).
		Scan(&m.campaign, &day, &book, &door, &places, &opened, &m.hash, &m.sealed, &t.seed, &t.digest, &t.let, &moved, &t.told)
	if storage.NoRows(err) {
		return nil, nil
	}
	m.day, m.book = Day(day), ledger.BookID(book)
	m.door, m.places, m.opened = ledger.AccountID(door), ledger.AccountID(places), ledger.AccountID(opened)
	m.ticketKey = s.Ring.Hash("ration.ticket", key.String())
	spoken := s.Ring.Hash("ration.place", key.String())
	m.Room = waiting.NewRoom(func(t waiting.Ticket, try int) uint64 {
		h := hmac.New(sha256.New, spoken)
		h.Write(append(t[:], byte(try)))
		return binary.BigEndian.Uint64(h.Sum(nil))
	})
	m.turn.Store(&turn{})
	m.stand.Store(&stand{left: -1})
	return &m, err
}

// ticket is somebody's place in the room: one for each holder, whoever asks and however
// often.
func (m *room) ticket(holder string) waiting.Ticket {
	h := hmac.New(sha256.New, m.ticketKey)
	h.Write([]byte(holder))
	return waiting.Ticket(h.Sum(nil)[:16])
}

// spotOf is the first of the places that any of somebody's records took.
func (m *room) spotOf(whose []string) (spot waiting.Spot, there bool) {
	for _, id := range whose {
		if x, found := m.Find(m.ticket(id)); found && (!there || x.Arrival < spot.Arrival) {
			spot, there = x, true
		}
	}
	return spot, there
}

// opening is the transfer by which lots are drawn: who stands before it in the journal
// was early.
func (m *room) opening() ledger.TransferID {
	return ledger.IDFor("ration.room", string(m.book))
}

// follow reads on in the journal and the row, and puts those who were early in order
// once lots were drawn.
func (s *Service) follow(ctx context.Context, m *room) error {
	return s.followUnless(ctx, m, func() bool { return false })
}

// followUnless is follow, unless another read meanwhile what was wanted: a batch of a
// thousand arrivals is read once.
func (s *Service) followUnless(ctx context.Context, m *room, known func() bool) error {
	m.reading.Lock()
	defer m.reading.Unlock()
	if known() {
		return nil
	}
	var last int64
	var list []waiting.Arrival
	var t turn
	var early int // of list, before the drawing; -1: it is not in there
	drawing := m.opening()
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, early = list[:0], -1
		var moved int64
		if err := r.Row(`select seed, digest, let, moved, told from ration_room where campaign = $1 and day = $2`, m.campaign, int64(m.day)).
			Scan(&t.seed, &t.digest, &t.let, &moved, &t.told); err != nil {
			return err
		}
		t.moved, t.alone = instant(moved), r.Engine() == storage.SQLite
		last, err = ledger.Entries(r, m.book, m.batch, func(e ledger.Entry) {
			if e.ID == drawing {
				early = len(list)
				return
			}
			list = append(list, waiting.Arrival{Ticket: waiting.Ticket(e.ID), At: e.At})
		})
		return err
	}); err != nil {
		return err
	}
	if early >= 0 {
		m.Add(list[:early]...)
		m.Draw(t.seed)
		list = list[early:]
	}
	m.Add(list...)
	m.batch = last
	m.turn.Store(&t)
	return nil
}

var (
	errRoomThere = errors.New("ration: the room is there already")
	errMoved     = errors.New("ration: the turn was moved by another process")
)

// announce makes the room of a round that is planned: from then on people may come, and
// the seed's hash is known to all.
//
// Faults: Conflict "ration.not_planned".
func (s *Service) announce(ctx context.Context, c *opened, day Day) (*room, error) {
	if m, err := s.room(ctx, c, day); m != nil || err != nil {
		return m, err
	}
	key := roomKey{c.ID, day}
	seed := waiting.NewSeed()
	sealed, err := s.Ring.Seal([]byte(seed), []byte("ration_room:"+key.String()))
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		var n int64
		if err := tx.Row(`select count(*) from ration_round where campaign = $1 and day = $2`, c.ID, int64(day)).Scan(&n); err != nil || n == 0 {
			if err == nil {
				err = fault.New(fault.Conflict, "ration.not_planned")
			}
			return err
		}
		book, err := s.Ledger.OpenBook(tx)
		if err != nil {
			return err
		}
		var ids []string
		for i, purpose := range [...]string{"door:", "room:", "drawn:"} {
			a, err := s.Ledger.OpenAccount(tx, ledger.Account{Book: book, Unit: "place", Outside: i == 0, Purpose: purpose + key.String()})
			if err != nil {
				return err
			}
			ids = append(ids, string(a.ID))
		}
		n, err = tx.Exec(`insert into ration_room (campaign, day, book, door, places, opened, hash, sealed, seed, digest, early, let, moved, told)
			values ($1, $2, $3, $4, $5, $6, $7, $8, '', '', 0, 0, 0, 0) on conflict (campaign, day) do nothing`,
			c.ID, int64(day), string(book), ids[0], ids[1], ids[2], waiting.Commit(seed), sealed)
		if err == nil && n == 0 {
			err = errRoomThere
		}
		if err != nil {
			return err
		}
		return s.record(tx, auth.Operator(), factRoom, streamOf(c.ID), map[string]string{"day": day.String(), "book": string(book), "commitment": waiting.Commit(seed)})
	})
	if err != nil && !errors.Is(err, errRoomThere) {
		return nil, err
	}
	return s.room(ctx, c, day)
}

// draw puts those who came before the opening in order: the seed is said in the commit
// that ends their list.
func (s *Service) drawRoom(ctx context.Context, m *room) error {
	key := roomKey{m.campaign, m.day}
	seed, err := s.Ring.Open(m.sealed, []byte("ration_room:"+key.String()))
	if err != nil {
		return err
	}
	now := s.Clock()
	_, err = s.Ledger.Admit(ctx, m.book, []ledger.Transfer{{ID: m.opening(), Kind: ledger.Plain, Debit: m.door, Credit: m.opened, Amount: 1}}, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`update ration_room set seed = $1, moved = $2 where campaign = $3 and day = $4`, string(seed), clock.Micros(now), m.campaign, int64(m.day)); err != nil {
			return err
		}
		return s.record(tx, auth.Operator(), factRoomDrawn, streamOf(m.campaign), map[string]string{"day": m.day.String(), "seed": string(seed)})
	})
	if err != nil {
		return err
	}
	return s.follow(ctx, m)
}

// listRoom records the digest of the tickets that were early, once.
func (s *Service) listRoom(ctx context.Context, m *room) error {
	_, early, digest := m.Count()
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update ration_room set digest = $1, early = $2 where campaign = $3 and day = $4 and digest = ''`, digest, early, m.campaign, int64(m.day))
		if err != nil || n == 0 {
			return err
		}
		return s.record(tx, auth.Operator(), factRoomListed, streamOf(m.campaign), map[string]string{"day": m.day.String(), "early": strconv.FormatInt(early, 10), "digest": digest})
	})
	if err != nil {
		return err
	}
	return s.follow(ctx, m)
}
