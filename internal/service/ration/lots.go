package ration

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/draw"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Draw is a round's draw as anybody may see it.
type Draw struct {
	Campaign string    `json:"campaign"`
	Day      Day       `json:"-"`
	State    string    `json:"state"` // "frozen", "drawn" or "placed"
	Entries  int64     `json:"entries"`
	Places   int64     `json:"places"`
	Hash     string    `json:"hash"`            // SHA-256 of the frozen list, hex
	Round    uint64    `json:"round,omitempty"` // of the beacon; 0: witnesses
	Known    time.Time `json:"known,omitzero"`  // when the beacon's value becomes known
	Frozen   time.Time `json:"frozen"`          //
	Drawn    time.Time `json:"drawn,omitzero"`  //
	Placed   time.Time `json:"placed,omitzero"` // when every winner had their share
}

// FreezeInput freezes the list of a day. Without witnesses the seed is the beacon's
// value of a round a few minutes later; with them it is what they reveal.
type FreezeInput struct {
	Campaign  string
	Day       Day
	Witnesses []draw.Witness
}

// beaconAhead is how much later than the list the beacon's value becomes known: the hash
// has to be out before it.
const beaconAhead = 2 * time.Minute

// Freeze closes a round's list and publishes its hash. It is done once; whoever does it
// again is told what was frozen.
//
// Faults: Denied, NotFound; Conflict "ration.arrival", "ration.draw_early" before the
// round's end; Exhausted "ration.nothing_to_draw"; Invalid for the witnesses.
func (s *Service) Freeze(ctx context.Context, by auth.Principal, in FreezeInput) (Draw, error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return Draw{}, err
	}
	c, err := s.openOne(ctx, in.Campaign)
	if err != nil {
		return Draw{}, err
	}
	_, until := s.hours(c.Campaign, in.Day)
	switch {
	case c.Give.By != ByLot:
		return Draw{}, fault.New(fault.Conflict, "ration.arrival")
	case s.Clock().Before(until):
		return Draw{}, fault.New(fault.Conflict, "ration.draw_early", "from", until)
	}
	if late := s.drawnBy(c.Campaign, in.Day); !s.Clock().Before(late) {
		return Draw{}, fault.New(fault.Conflict, "ration.draw_late", "until", late)
	}
	list, err := s.listOf(ctx, c, in)
	if err != nil {
		return Draw{}, err
	}
	var text bytes.Buffer
	w, err := flate.NewWriter(&text, flate.BestSpeed)
	if err != nil {
		return Draw{}, err
	}
	hash, err := list.Freeze(w)
	if err = errors.Join(err, w.Close()); err != nil {
		return Draw{}, err
	}
	d := Draw{Campaign: c.ID, Day: in.Day, State: "frozen", Hash: hex.EncodeToString(hash[:]), Round: list.Seed.Round, Frozen: list.Frozen}
	for _, p := range list.Pots {
		d.Entries, d.Places = d.Entries+int64(len(p.Entries)), d.Places+int64(min(p.Places, len(p.Entries)))
	}
	var out Draw
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		n, err := tx.Exec(`insert into ration_draw (campaign, day, state, entries, places, hash, beacon, list, transcript, frozen, drawn, placed)
			values ($1, $2, 'frozen', $3, $4, $5, $6, $7, $8, $9, 0, 0) on conflict (campaign, day) do nothing`,
			c.ID, int64(in.Day), d.Entries, d.Places, d.Hash, int64(d.Round), text.Bytes(), []byte{}, clock.Micros(d.Frozen))
		if err != nil {
			return err
		}
		if n == 0 {
			out, err = s.drawOf(tx, c.ID, in.Day)
			return err
		}
		out = d.known()
		return s.record(tx, by, factFrozen, streamOf(c.ID), out)
	})
	return out, err
}

// known adds when the beacon's value becomes known.
func (d Draw) known() Draw {
	if d.Round > 0 {
		d.Known = draw.RoundTime(d.Round)
	}
	return d
}

// listOf gathers a round's entries into pots: by town, or one. Who won too lately to win
// again is not among them.
func (s *Service) listOf(ctx context.Context, c *opened, in FreezeInput) (*draw.List, error) {
	now := s.Clock().UTC().Truncate(time.Second)
	list := &draw.List{ID: fmt.Sprintf("%s.%s", c.ID, in.Day), Title: c.Title.In("zh-Hans"), Frozen: now, Seed: draw.Seed{Witnesses: in.Witnesses}}
	if len(in.Witnesses) == 0 {
		list.Seed.Round = draw.RoundAfter(now.Add(beaconAhead))
	}
	pots := map[string]*draw.Pot{}
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		clear(pots)
		towns, err := s.potsOf(r, c, in.Day, pots)
		if err != nil {
			return err
		}
		since := c.Again.since(in.Day)
		rows, err := storage.All(r, func(rows *storage.Rows) (x [2]string, err error) { return x, rows.Scan(&x[0], &x[1]) },
			`select e.ticket, e.point from ration_entry e left join ration_won w on w.campaign = e.campaign and w.holder = e.holder and w.day >= $1
			where e.campaign = $2 and e.day in ($3, $4) and w.holder is null`, int64(since), c.ID, int64(in.Day), int64(standing))
		if err != nil {
			return err
		}
		twice, err := s.doubled(r, c, in.Day, since)
		for _, x := range rows {
			if p := pots[towns[x[1]]]; p != nil && !twice[x[0]] {
				p.Entries = append(p.Entries, x[0])
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range pots {
		if p.Places > 0 && len(p.Entries) > 0 {
			slices.Sort(p.Entries)
			list.Pots = append(list.Pots, *p)
		}
	}
	if len(list.Pots) == 0 {
		return nil, fault.New(fault.Exhausted, "ration.nothing_to_draw")
	}
	slices.SortFunc(list.Pots, func(a, b draw.Pot) int { return cmpText(a.Name, b.Name) })
	return list, nil
}

func cmpText(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) }

// wholePot is the name of the one pot where towns are not drawn apart.
const wholePot = "all"

// potsOf makes the pots of a day's offers, with the places each has, and says which pot
// each point's entries are in. A shop whose day has no offer draws with its town.
func (s *Service) potsOf(r storage.Reader, c *opened, day Day, pots map[string]*draw.Pot) (map[string]string, error) {
	points, err := storage.All(r, func(rows *storage.Rows) (Point, error) { return scanPoint(rows) }, pointColumns)
	if err != nil {
		return nil, err
	}
	towns := map[string]string{}
	for _, p := range points {
		if towns[p.ID] = wholePot; c.Give.ByTown && p.Town != "" {
			towns[p.ID] = p.Town
		}
	}
	offers, err := s.offersOf(r, c.ID, day)
	for _, o := range offers {
		name := towns[o.Point]
		if pots[name] == nil {
			pots[name] = &draw.Pot{Name: name}
		}
		pots[name].Places += int(o.Pieces / c.Share.Pieces)
	}
	return towns, err
}

func (s *Service) offersOf(r storage.Reader, campaign string, day Day) ([]Offer, error) {
	return storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
		offerColumns+`where campaign = $1 and day = $2 and pieces > 0 order by point, part`, campaign, int64(day))
}

// RunDraw draws a frozen list by its values: the beacon's signature of the announced
// round, or the witnesses' secrets in their order. They are proved first; what follows
// from them is nobody's choice. The same values again are harmless.
//
// Faults: Denied, NotFound "ration.no_draw"; Invalid for the values, as draw.List.Draw.
func (s *Service) RunDraw(ctx context.Context, by auth.Principal, campaign string, day Day, values ...[]byte) (Draw, error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return Draw{}, err
	}
	t, d, err := s.Transcript(ctx, campaign, day)
	if err != nil || d.State != "frozen" {
		return d, err
	}
	if t, err = t.List.Draw(t.Hash, values...); err != nil {
		return d, err
	}
	var text bytes.Buffer
	w, err := flate.NewWriter(&text, flate.BestSpeed)
	if err == nil {
		err = errors.Join(t.Write(w), w.Close())
	}
	if err != nil {
		return d, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		now := s.Clock()
		n, err := tx.Exec(`update ration_draw set state = 'drawn', transcript = $1, drawn = $2 where campaign = $3 and day = $4 and state = 'frozen'`,
			text.Bytes(), clock.Micros(now), campaign, int64(day))
		if err != nil || n == 0 {
			return err
		}
		return s.record(tx, by, factDrawn, streamOf(campaign), map[string]any{"day": day.String(), "hash": d.Hash, "values": hexes(values)})
	})
	if err != nil {
		return d, err
	}
	if err := s.Place(ctx, campaign, day); err != nil {
		return d, err
	}
	_, d, err = s.Transcript(ctx, campaign, day)
	return d, err
}

func hexes(values [][]byte) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = hex.EncodeToString(v)
	}
	return out
}

// Place gives every winner of a draw their share, at the point they chose or, when that
// is closed or has none left, at another of their pot; at a closed one only where no other has any. What was interrupted goes on from where it
// was: each share is an id that follows from its ticket.
func (s *Service) Place(ctx context.Context, campaign string, day Day) error {
	t, d, err := s.Transcript(ctx, campaign, day)
	if err != nil || d.State != "drawn" {
		return err
	}
	if err := s.readSeveral(ctx); err != nil {
		return err
	}
	var c *opened
	var offers []Offer
	towns := map[string]string{}
	entries := map[string]Entry{}
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		clear(entries)
		if c, err = s.campaign(r, campaign); err != nil {
			return err
		}
		if offers, err = s.offersOf(r, campaign, day); err != nil {
			return err
		}
		if towns, err = s.potsOf(r, c, day, map[string]*draw.Pot{}); err != nil {
			return err
		}
		all, err := storage.All(r, func(rows *storage.Rows) (Entry, error) { return scanEntry(rows) }, entryColumns+`where campaign = $1 and day in ($2, $3)`, campaign, int64(day), int64(standing))
		for _, e := range all {
			entries[e.Ticket] = e
		}
		return err
	}); err != nil {
		return err
	}
	closed, err := s.closedPoints(ctx)
	if err != nil {
		return err
	}
	in := map[string][]Offer{} // by pot, those of closed points last
	slices.SortStableFunc(offers, func(a, b Offer) int { return btoi(shutAt(closed, a)) - btoi(shutAt(closed, b)) })
	for _, o := range offers {
		in[towns[o.Point]] = append(in[towns[o.Point]], o)
	}
	work := make(chan winner)
	errs := make(chan error, placers)
	var all sync.WaitGroup
	for range placers {
		all.Go(func() {
			for x := range work {
				if err := s.placeOne(ctx, c, x); err != nil {
					errs <- err
					for range work { // the others' shares wait for the next try
					}
					return
				}
			}
		})
	}
	for n, drawn := range t.Drawn {
		pot := t.List.Pots[n]
		for _, ticket := range drawn[:min(pot.Places, len(drawn))] {
			work <- winner{entries[ticket], day, in[pot.Name], closed}
		}
	}
	close(work)
	all.Wait()
	close(errs)
	for err := range errs {
		return err
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`update ration_draw set state = 'placed', placed = $1 where campaign = $2 and day = $3 and state = 'drawn'`, clock.Micros(s.Clock()), campaign, int64(day))
		return err
	})
}

// placers is how many winners are placed at once: enough to fill the ledger's batches.
const placers = 64

type winner struct {
	Entry
	day    Day
	offers []Offer // of the pot
	closed map[string]Point
}

func shutAt(closed map[string]Point, o Offer) bool { _, shut := closed[o.Point]; return shut }

// chosen is whether an offer is at the point the winner chose, and that is open.
func (x winner) chosen(o Offer) bool { return o.Point == x.Point && !shutAt(x.closed, o) }

// placeOne gives one winner their share: at the chosen point first.
func (s *Service) placeOne(ctx context.Context, c *opened, x winner) error {
	if x.Ticket == "" {
		return nil // withdrawn by erasure since
	}
	order := slices.Clone(x.offers)
	slices.SortStableFunc(order, func(a, b Offer) int { return btoi(x.chosen(b)) - btoi(x.chosen(a)) })
	by := auth.Principal{ID: x.account}
	var w whole
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		w, err = s.winning(r, c, x)
		return err
	}); err != nil {
		if fault.Is(err, "ration.had_record") || fault.Is(err, "ration.had_household") {
			err = s.won(ctx, c, x)
		}
		return err
	}
	for _, o := range order {
		a := applicant{offer: &o, person: x.Person, firm: x.Firm, holder: x.holder, whole: w, pieces: c.Share.Pieces, entry: x.Entry}
		_, err := s.promise(ctx, by, c, a, ledger.IDFor("ration.win", c.ID, x.Ticket, o.ID))
		switch {
		case err == nil:
			return s.won(ctx, c, x)
		case fault.Is(err, "ration.gone"):
		case fault.Is(err, "ration.no_entry"):
			return nil // forgotten since
		case fault.Is(err, "ration.had_days"), fault.Is(err, "ration.had_once"), fault.Is(err, "ration.had_week"):
			return s.won(ctx, c, x) // had it already: this very share, or one by another way
		default:
			return err
		}
	}
	return fault.New(fault.Exhausted, "ration.gone") // the draw stays to be placed, and says so, until somebody mends it
}

// won notes the win, and ends an entry that stood until it.
func (s *Service) won(ctx context.Context, c *opened, x winner) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := standsStill(tx, x.Entry); err != nil {
			if fault.Is(err, "ration.no_entry") {
				err = nil // forgotten since
			}
			return err
		}
		if _, err := tx.Exec(`insert into ration_won (campaign, holder, day) values ($1, $2, $3) on conflict (campaign, holder) do update set day = excluded.day`,
			c.ID, x.holder, int64(x.day)); err != nil {
			return err
		}
		_, err := tx.Exec(`delete from ration_entry where campaign = $1 and day = $2 and holder = $3`, c.ID, int64(standing), x.holder)
		return err
	})
}
