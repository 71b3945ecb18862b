package ration

import (
	"context"
	"maps"
	"strconv"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// toldMost is how many allotments are told, the newest.
const toldMost = 1000

// Tell lists what the service keeps about a person, the newest of each kind first: whom
// they ask for and who asks for them, their parts in draws, what they were promised and
// what became of it. The numbers of others of a family are masked. Who fetched something
// for somebody is not kept: only that it was somebody else.
func (s *Service) Tell(r storage.Reader, person, lang string) ([]party.Told, error) {
	out, err := s.tellFamily(r, person)
	if err != nil {
		return nil, err
	}
	entries, err := storage.All(r, func(rows *storage.Rows) (Entry, error) { return scanEntry(rows) },
		entryColumns+`where person = $1 and person <> '' order by ticket desc limit 1000`, person)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		c, err := s.campaign(r, e.Campaign)
		if err != nil {
			return nil, err
		}
		day := e.Day.String()
		if e.Day == standing {
			day = ""
		}
		out = append(out, party.Told{What: "ration.told_entry", At: e.At, Values: values("campaign", c.Title.In(lang), "ticket", e.Ticket, "day", day)})
	}
	list, err := storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) },
		everyRun+`a.person = $2 order by a.at desc, a.transfer limit $1`, toldMost, person)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		told, err := s.tellAllotment(r, a, lang)
		if err != nil {
			return nil, err
		}
		out = append(out, told)
	}
	places, err := s.tellPlaces(r, person, lang)
	return append(out, places...), err
}

// tellPlaces tells somebody's places in waiting rooms.
func (s *Service) tellPlaces(r storage.Reader, person, lang string) (out []party.Told, err error) {
	type row struct {
		campaign, ticket string
		day, at          int64
	}
	list, err := storage.All(r, func(rows *storage.Rows) (x row, err error) {
		return x, rows.Scan(&x.campaign, &x.day, &x.at, &x.ticket)
	},
		`select campaign, day, at, ticket from ration_place where person = $1 order by at desc limit $2`, person, toldMost)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		c, err := s.campaign(r, x.campaign)
		if err != nil {
			return nil, err
		}
		out = append(out, party.Told{What: "ration.told_place", At: clock.FromMicros(x.at), Values: values("campaign", c.Title.In(lang), "ticket", x.ticket, "day", Day(x.day).String())})
	}
	return out, nil
}

func (s *Service) tellAllotment(r storage.Reader, a Allotment, lang string) (party.Told, error) {
	c, err := s.campaign(r, a.Campaign)
	if err != nil {
		return party.Told{}, err
	}
	o, err := s.offer(r, a.Offer)
	if err != nil {
		return party.Told{}, err
	}
	p, err := s.point(r, o.Point)
	if err != nil {
		return party.Told{}, err
	}
	t := party.Told{What: "ration.told_allotment", At: a.At, Values: values("campaign", c.Title.In(lang), "pieces", strconv.FormatInt(a.Pieces, 10), "code", a.Code, "point", p.Name)}
	t.Values = append(t.Values, party.ToldValue{Name: "ration.told_state", Say: "ration.told_" + string(a.State)})
	if c.sends() {
		to, err := s.addressOf(r, c.ID, a.Person)
		if err != nil {
			return t, err
		}
		t.Values = append(t.Values, values("address", to)...)
	}
	if !a.Ended.IsZero() {
		t.Values = append(t.Values, values("ended", a.Ended.In(s.Zone).Format("2006-01-02 15:04"))...)
	}
	return t, nil
}

// tellFamily tells both sides: the people one asks for, and who asks for one.
func (s *Service) tellFamily(r storage.Reader, person string) (out []party.Told, err error) {
	type row struct {
		other, what string
		at          int64
	}
	list, err := storage.All(r, func(rows *storage.Rows) (x row, err error) { return x, rows.Scan(&x.other, &x.what, &x.at) },
		`select person, 'ration.told_family', at from ration_family where head = $1
		union all select head, 'ration.told_head', at from ration_family where person = $1 order by 3 desc`, person)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		who, err := s.Parties.Masked(r, x.other)
		if err != nil {
			return nil, err
		}
		out = append(out, party.Told{What: x.what, At: clock.FromMicros(x.at), Values: values("name", who[x.other].Name, "number", who[x.other].IDNumber)})
	}
	return out, nil
}

// values are pairs of a name and a text; what is "" is left out.
func values(pairs ...string) (out []party.ToldValue) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, party.ToldValue{Name: "ration.told_" + pairs[i], Text: pairs[i+1]})
		}
	}
	return out
}

// glanceFor is how long one look at one thing goes on: a page that is opened again, or
// comes back with a form, is the same look.
const glanceFor = 10 * time.Minute

// glances are the looks that go on, by who looks at what; forgotten when the process
// ends, which costs one fact more.
type glances struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// goesOn is whether a look was recorded lately.
func (g *glances) goesOn(at string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, ok := g.seen[at]
	return ok && now.Sub(t).Abs() < glanceFor
}

// note keeps that a look was recorded, and forgets those that are over.
func (g *glances) note(at string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.seen) > 10_000 {
		maps.DeleteFunc(g.seen, func(_ string, t time.Time) bool { return now.Sub(t).Abs() >= glanceFor })
	}
	if g.seen == nil {
		g.seen = map[string]time.Time{}
	}
	g.seen[at] = now
}

// lookOnce records a look at something of a person's, once while it goes on.
func (s *Service) lookOnce(ctx context.Context, by auth.Principal, person, what, at string) error {
	key, now := by.ID+" "+at, s.Clock()
	if s.glances.goesOn(key, now) {
		return nil
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		tx.OnCommit(func() { s.glances.note(key, now) })
		return s.look(tx, by, person, what, "")
	})
}

// look records that somebody of staff read something of a person here: the person finds
// it under who looked at them. why is the reader's own words, or "".
func (s *Service) look(tx *storage.Tx, by auth.Principal, person, what, why string) error {
	_, err := s.Log.Append(tx, eventlog.Fact{
		Stream: party.Stream(person), Name: party.Revealed, Actor: by.ID, Subject: person, At: s.Clock(), Body: party.RevealedBody{Reason: why, What: what},
	})
	return err
}
