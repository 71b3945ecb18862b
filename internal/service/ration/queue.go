package ration

import (
	"context"
	"io"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/waiting"
	"breakwater/internal/storage"
)

// Place is somebody's place in a waiting room, as whoever has its ticket or its code may
// see it: nothing in it says whose it is.
type Place struct {
	Campaign string     `json:"campaign"`
	Day      string     `json:"day" doc:"The round's date in the district."`
	State    PlaceState `json:"state" enum:"before,drawing,waiting,turn,gone,over"`
	Ticket   string     `json:"ticket" doc:"As the published order shows it."`
	Code     string     `json:"code" doc:"Whoever has it sees the place on any phone."`

	Waiting int64     `json:"waiting" doc:"How many came so far."`
	Place   int64     `json:"place,omitempty" doc:"In the order, from 1; none before lots are drawn."`
	Ahead   int64     `json:"ahead,omitempty" doc:"Places ahead whose turn has not come."`
	Opens   time.Time `json:"opens"`
	Until   time.Time `json:"until" doc:"The turn stays until then, as long as something is left."`
	Least   int64     `json:"least_minutes,omitempty" doc:"Until the turn, by the pace of the last minutes."`
	Most    int64     `json:"most_minutes,omitempty" doc:"Likewise; none where nothing honest can be said."`
	Short   bool      `json:"short,omitempty" doc:"What is left now would be gone before this turn if all ahead took theirs."`
	Again   int64     `json:"again_in_seconds" doc:"When to ask again, not sooner."`

	campaign *Campaign
	arrived  time.Time
}

// Of is the campaign whose room it is.
func (p Place) Of() *Campaign { return p.campaign }

// Arrived is when the place was taken.
func (p Place) Arrived() time.Time { return p.arrived }

// PlaceState is how it stands with a place.
type PlaceState string

// The states. A turn that came stays; what is gone may come back, and then the turn too.
const (
	PlaceBefore  PlaceState = "before"  // the opening is to come
	PlaceDrawing PlaceState = "drawing" // lots are being drawn
	PlaceWaiting PlaceState = "waiting"
	PlaceTurn    PlaceState = "turn"
	PlaceGone    PlaceState = "gone"
	PlaceOver    PlaceState = "over" // the round has ended
)

// QueueInput asks for a place in a campaign's next room. For, Address and Answers are as
// of a claim: a place is for whom the share would count.
type QueueInput struct {
	Campaign string
	For      string
	Address  string
	Answers  map[string]string
}

// JoinQueue takes a place in the room of a campaign's round: of the one that is open, or
// the next. Whoever asks again has the same place, from any device; asking twice gains
// nothing. Nobody is let wait for what the rules would not give them.
//
// Faults: as Claim's for who asks; Conflict "ration.no_queue", "ration.closed",
// "ration.not_planned"; Exhausted "ration.gone" once nothing is left; Busy.
func (s *Service) JoinQueue(ctx context.Context, by auth.Principal, in QueueInput) (Place, error) {
	a, c, err := s.waits(ctx, by, in)
	if err != nil {
		return Place{}, err
	}
	m, err := s.announce(ctx, c, s.roundOf(c.Campaign))
	if err != nil {
		return Place{}, err
	}
	if spot, there := m.spotOf(a.records()); there {
		return s.placeOf(c.Campaign, m, spot), nil
	}
	t := m.ticket(a.holder)
	if m.turn.Load().seed != "" && m.stand.Load().left == 0 {
		return Place{}, fault.New(fault.Exhausted, "ration.gone")
	}
	want := []ledger.Transfer{{ID: ledger.TransferID(t), Kind: ledger.Plain, Debit: m.door, Credit: m.places, Amount: 1}}
	if _, err := s.Ledger.AdmitAt(ctx, m.book, want, func(tx *storage.Tx, at time.Time) error {
		tx.Later(insertPlace, "", m.campaign, int64(m.day), clock.Micros(at), t.String(), a.person, a.firm, by.ID)
		return nil
	}); err != nil {
		return Place{}, err
	}
	if err := s.followUnless(ctx, m, func() bool { _, there := m.Find(t); return there }); err != nil {
		return Place{}, err
	}
	spot, there := m.Find(t)
	if !there {
		return Place{}, fault.New(fault.Internal, "ledger.damaged") // it was admitted, and the journal lacks it
	}
	return s.placeOf(c.Campaign, m, spot), nil
}

const insertPlace = `insert into ration_place (campaign, day, at, ticket, person, firm, account) values `

// QueuePlace is the place of whoever asks, or of whom they ask for.
//
// Faults: as JoinQueue's for who asks; NotFound "ration.no_place" for whoever has none.
func (s *Service) QueuePlace(ctx context.Context, by auth.Principal, in QueueInput) (Place, error) {
	a, c, err := s.waits(ctx, by, in)
	if err != nil {
		return Place{}, err
	}
	m, err := s.room(ctx, c, s.roundOf(c.Campaign))
	if err != nil || m == nil {
		return Place{}, orNoPlace(err)
	}
	spot, there := m.spotOf(a.records())
	if !there {
		if err := s.fresh(ctx, m); err != nil {
			return Place{}, err
		}
		if spot, there = m.spotOf(a.records()); !there {
			return Place{}, noPlace()
		}
	}
	return s.placeOf(c.Campaign, m, spot), nil
}

// PlaceNow is QueuePlace from memory, for whoever asks for themself where all have the
// same share; ok is false where something must be looked up.
func (s *Service) PlaceNow(by auth.Principal, campaign string) (p Place, ok bool) {
	c, holder, ok := s.plainlyWaits(by, QueueInput{Campaign: campaign})
	if !ok {
		return p, false
	}
	kept, ok := s.rooms.Load(roomKey{c.ID, s.roundOf(c.Campaign)})
	if !ok {
		return p, false
	}
	m := kept.(*room)
	spot, ok := m.Find(m.ticket(holder))
	if !ok {
		return p, false
	}
	return s.placeOf(c.Campaign, m, spot), true
}

// plainlyWaits is whose place it is, from memory, where nothing has to be looked up.
func (s *Service) plainlyWaits(by auth.Principal, in QueueInput) (c *opened, holder string, ok bool) {
	if !by.Role.Personal() || by.Person == "" || in.For != "" && in.For != by.Person || by.Permit(MayClaim, Grants, auth.Person(by.Person)) != nil {
		return nil, "", false
	}
	if c = s.lately(in.Campaign); c == nil || !c.plain() || !c.Give.Queue || !s.single(by.Person) {
		return nil, "", false
	}
	return c, by.Person, true
}

// waits is who asks for a place, once it is clear that they may have what is waited for.
func (s *Service) waits(ctx context.Context, by auth.Principal, in QueueInput) (a applicant, c *opened, err error) {
	if err := s.readSeveral(ctx); err != nil {
		return a, nil, err
	}
	if c, holder, ok := s.plainlyWaits(by, in); ok {
		return applicant{person: by.Person, holder: holder}, c, nil
	}
	if err = s.Store.Read(ctx, func(r storage.Reader) error {
		c, err = s.campaign(r, in.Campaign)
		return err
	}); err != nil {
		return a, nil, err
	}
	if !c.Give.Queue {
		return a, nil, fault.New(fault.Conflict, "ration.no_queue")
	}
	return s.asks(ctx, by, c, ClaimInput{For: in.For, Address: in.Address, Answers: in.Answers})
}

// roundOf is the round whose room people join now: today's until it ends.
func (s *Service) roundOf(c *Campaign) Day {
	today := s.today()
	if _, until := s.hours(c, today); !s.Clock().Before(until) {
		return today + 1
	}
	return today
}

// placeOf says where somebody stands, to whoever asks for it.
func (s *Service) placeOf(c *Campaign, m *room, at waiting.Spot) Place {
	m.Look(at.Arrival, s.Clock())
	return s.placeIn(c, m, at)
}

func (s *Service) placeIn(c *Campaign, m *room, at waiting.Spot) Place {
	now, t, st := s.Clock(), m.turn.Load(), m.stand.Load()
	from, until := s.hours(c, m.day)
	p := Place{
		Campaign: m.campaign, Day: m.day.String(), Ticket: at.Ticket.String(), Code: m.CodeOf(at.Ticket), Waiting: at.Waiting,
		Opens: from.UTC(), Until: until.UTC(), campaign: c, arrived: at.At,
	}
	left, sharp := time.Minute, false
	switch {
	case !now.Before(until):
		p.State = PlaceOver
		left = time.Hour
	case now.Before(from):
		p.State = PlaceBefore
		left, sharp = from.Sub(now), true
	case !at.Drawn:
		p.State = PlaceDrawing
		left = 0
	default:
		p.Place = at.Place + 1
		p.State = PlaceWaiting
		if at.Place < t.let {
			p.State = PlaceTurn
		}
		if st.left == 0 {
			p.State, left = PlaceGone, 5*time.Minute // what comes back comes seldom
		}
		if p.State == PlaceWaiting {
			p.Ahead = at.Place - t.let
			p.Short = st.left >= 0 && st.left <= p.Ahead+st.coming
			var least, most time.Duration
			var ok bool
			if least, most, ok = waiting.Range(p.Ahead+1, st.pace, st.lately, st.known); ok {
				p.Least, p.Most, left = int64(least/time.Minute), int64(most/time.Minute), (least+most)/2
			}
		}
	}
	p.Again = int64((waiting.Again(left, at.Waiting, at.Ticket, sharp) + time.Second - 1) / time.Second)
	return p
}

// inTurn refuses a claim before its turn, where a campaign has a waiting room. Nothing is
// lost by it: the place is as it was.
//
// Faults: Conflict "ration.join_first", "ration.not_your_turn".
func (s *Service) inTurn(ctx context.Context, c *opened, day Day, whose ...string) error {
	if !c.Give.Queue || s.unguarded {
		return nil
	}
	m, err := s.room(ctx, c, day)
	if err != nil {
		return err
	}
	if m == nil {
		return fault.New(fault.Conflict, "ration.join_first")
	}
	spot, there := m.spotOf(whose)
	if there && spot.Drawn && spot.Place < m.turn.Load().let {
		return nil
	}
	// Another process may have said so a moment ago.
	if err := s.fresh(ctx, m); err != nil {
		return err
	}
	switch spot, there = m.spotOf(whose); {
	case !there:
		return fault.New(fault.Conflict, "ration.join_first")
	case spot.Drawn && spot.Place < m.turn.Load().let:
		return nil
	}
	p := s.placeOf(c.Campaign, m, spot)
	return fault.New(fault.Conflict, "ration.not_your_turn", "place", p.Place, "ahead", p.Ahead, "again", p.Again)
}

// fresh reads a room on where another process may have been ahead; alone, memory knows
// all that was told to anybody.
func (s *Service) fresh(ctx context.Context, m *room) error {
	if m.turn.Load().alone {
		return nil
	}
	return s.follow(ctx, m)
}

func noPlace() error { return fault.New(fault.NotFound, "ration.no_place") }

func orNoPlace(err error) error {
	if err != nil {
		return err
	}
	return noPlace()
}

// PlaceByCode is a place by the short code somebody types, without saying who. It is
// public; who asks it limits how often.
//
// Faults: Invalid with field code; NotFound "ration.no_place".
func (s *Service) PlaceByCode(ctx context.Context, code string) (Place, error) {
	due := s.roomsDue.Load()
	if due == nil {
		return Place{}, noPlace()
	}
	for _, k := range due.list {
		kept, ok := s.rooms.Load(k)
		if !ok {
			continue
		}
		m := kept.(*room)
		if spot, found := m.ByCode(code); found {
			c, err := s.openOne(ctx, k.campaign)
			if err != nil && !fault.Is(err, "ration.closed") {
				return Place{}, err
			}
			return s.placeOf(c.Campaign, m, spot), nil
		}
	}
	return Place{}, noPlace()
}

// Waiting is a room as anybody may see it.
type Waiting struct {
	Day     Day
	Opens   time.Time
	Until   time.Time
	Commit  string // of the seed, published beforehand
	Seed    string // "" until lots are drawn
	Digest  string
	Waiting int64 // all who came
	Early   int64 // of them before the opening
	Let     int64 // whose turn has come

	// For the desk.
	PerMinute float64 // the pace now
	Ceiling   float64
	Coming    int64 // their turn came, and they have not asked yet
	Full      bool  // the machine is full
}

// WaitingRoom is the room of a campaign's round that is open or comes next; found is
// false where there is none yet. It is public.
//
// Faults: NotFound.
func (s *Service) WaitingRoom(ctx context.Context, campaign string) (w Waiting, found bool, err error) {
	return s.waitingRoom(ctx, campaign, nil)
}

func (s *Service) waitingRoom(ctx context.Context, campaign string, day *Day) (w Waiting, found bool, err error) {
	m, c, err := s.roomNamed(ctx, campaign, day)
	if err != nil || m == nil {
		return w, false, err
	}
	t, st := m.turn.Load(), m.stand.Load()
	w = Waiting{Day: m.day, Commit: m.hash, Seed: t.seed, Let: t.let, PerMinute: st.pace * 60, Ceiling: c.ceiling() * 60, Coming: st.coming, Full: st.full}
	w.Waiting, w.Early, w.Digest = m.Count()
	w.Opens, w.Until = s.hours(c.Campaign, m.day)
	return w, true, nil
}

func (s *Service) roomNamed(ctx context.Context, campaign string, day *Day) (m *room, c *opened, err error) {
	if c = s.lately(campaign); c == nil {
		if err = s.Store.Read(ctx, func(r storage.Reader) error {
			c, err = s.campaign(r, campaign)
			return err
		}); err != nil {
			return nil, nil, err
		}
	}
	if !c.Give.Queue {
		return nil, c, nil
	}
	d := s.roundOf(c.Campaign)
	if day != nil {
		d = *day
	}
	m, err = s.room(ctx, c, d)
	return m, c, err
}

// RoomOrder is the open file of a room: all tickets in their order, with the seed. write
// writes it.
//
// Faults: NotFound "ration.no_room", also before lots were drawn.
func (s *Service) RoomOrder(ctx context.Context, campaign string, day Day) (write func(io.Writer) error, err error) {
	m, c, err := s.roomNamed(ctx, campaign, &day)
	if err != nil {
		return nil, err
	}
	if m == nil || m.turn.Load().seed == "" {
		return nil, fault.New(fault.NotFound, "ration.no_room")
	}
	if err := s.fresh(ctx, m); err != nil {
		return nil, err
	}
	list := waiting.List{Room: c.ID + " " + day.String(), Commit: m.hash, Seed: m.turn.Load().seed}
	_, list.Early, list.Digest = m.Count()
	return func(w io.Writer) error { return list.Write(w, m.Room) }, nil
}
