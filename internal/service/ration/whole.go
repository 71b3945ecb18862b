package ration

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// A person may have several records, which two officers found to be one person's. What
// is stored by a record stays there, as everywhere; what is counted is counted for the
// whole: its quota from the joining on, and what any of its records had before.

// whole is what somebody's records stand for. The zero value is of what is no person.
type whole struct {
	key     string   // under which a quota counts: the record itself where there is one
	ids     []string // all the records, in the order of their ids
	several bool     // or were several once: what is counted is looked for by each
}

// records are all records of a whole, one of them first.
func (w whole) records(first string) []string {
	if len(w.ids) < 2 {
		return []string{first}
	}
	return append([]string{first}, slices.DeleteFunc(slices.Clone(w.ids), func(id string) bool { return id == first })...)
}

// records are those under which an applicant may already stand in a room or a draw.
func (a applicant) records() []string { return a.whole.records(a.holder) }

// counts is under what an applicant's share counts against the next.
func (a applicant) counts() string {
	if a.whole.key != "" {
		return a.whole.key
	}
	return a.holder
}

// wholeOf reads what somebody's records stand for.
func (s *Service) wholeOf(r storage.Reader, person string) (whole, error) {
	w := whole{key: person, ids: []string{person}}
	if s.single(person) {
		return w, nil
	}
	of, err := s.Parties.Several(r)
	if err != nil {
		return w, err
	}
	key, several := of[person]
	w.several = several
	if key == "" {
		return w, nil
	}
	w.key, w.ids = key, w.ids[:0]
	for id, k := range of {
		if k == key {
			w.ids = append(w.ids, id)
		}
	}
	slices.Sort(w.ids)
	return w, nil
}

// recordsOf are all records of somebody, the one named first.
func (s *Service) recordsOf(r storage.Reader, person string) ([]string, error) {
	w, err := s.wholeOf(r, person)
	return w.records(person), err
}

// several is who has several records, or had, for all who ask: few among all people.
type several struct {
	mu   sync.Mutex // one reads
	last atomic.Pointer[severalRead]
}

type severalRead struct {
	joinings uint64 // of party.Store, before it was read
	at       time.Time
	alone    bool // no other process joins any
	of       map[party.ID]string
}

// severalFor is how long it is believed where another process may have joined some.
const severalFor = time.Second

func (s *Service) severalNow() *severalRead {
	x := s.several.last.Load()
	if x == nil || x.joinings != s.Parties.Joinings() || !x.alone && s.Clock().Sub(x.at).Abs() >= severalFor {
		return nil
	}
	return x
}

// single is whether somebody has one record and never had more, from memory; false too
// where memory is not fresh.
func (s *Service) single(person string) bool {
	x := s.severalNow()
	if x == nil {
		return false
	}
	_, several := x.of[person]
	return !several
}

// readSeveral makes memory fresh, so that nearly all are answered from it.
func (s *Service) readSeveral(ctx context.Context) error {
	if s.severalNow() != nil {
		return nil
	}
	s.several.mu.Lock()
	defer s.several.mu.Unlock()
	if s.severalNow() != nil {
		return nil
	}
	next := severalRead{joinings: s.Parties.Joinings(), at: s.Clock()}
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		next.alone = r.Engine() == storage.SQLite
		next.of, err = s.Parties.Several(r)
		return err
	}); err != nil {
		return err
	}
	s.several.last.Store(&next)
	return nil
}

// around are the days on which a share counts against one of a day, as the quota has it.
func (a Again) around(d Day) (first, last Day) {
	switch {
	case a.Never:
		return 0, 1 << 40
	case a.Week:
		first = d / 7 * 7
		return first, first + 6
	}
	n := Day(max(a.Days, 1)) - 1
	return d - n, d + n
}

// hadAsOther refuses a share for whoever had one under another of their records, or
// under one of several since taken apart.
//
// Faults: Conflict "ration.had_record".
func (s *Service) hadAsOther(r storage.Reader, c *opened, in ClaimInput, w whole) error {
	if !w.several || in.Offer == "" {
		return nil
	}
	return s.hadOtherwise(r, c, in, w.ids, w.ids, "ration.had_record")
}

// hadOtherwise refuses a share with code where one of people had one in the same period,
// for themself or for one of heads.
func (s *Service) hadOtherwise(r storage.Reader, c *opened, in ClaimInput, people, heads []string, code string) error {
	day := s.roundOf(c.Campaign)
	if in.Offer != "" {
		o, err := s.offer(r, in.Offer)
		if err != nil {
			return err
		}
		day = o.Day
	}
	had, err := s.hadOn(r, c, day, people, heads)
	if err == nil && had {
		err = fault.New(fault.Conflict, code)
	}
	return err
}

// hadOn is whether one of people has or had a share, counted for one of heads, that counts
// with one of a day.
func (s *Service) hadOn(r storage.Reader, c *opened, day Day, people, heads []string) (bool, error) {
	first, last := c.Again.around(day)
	text := everyRun + `a.person = $1 and a.campaign = $2 and a.state in ('held', 'collected')`
	if c.Who.Counts == ByEmployee {
		text = allotmentColumns + `where holder = $1 and holder <> person and campaign = $2 and state in ('held', 'collected')`
	}
	for _, x := range people {
		list, err := storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) }, text, x, c.ID)
		if err != nil {
			return false, err
		}
		for _, a := range list {
			o, err := s.offer(r, a.Offer)
			if err != nil {
				return false, err
			}
			if o.Day >= first && o.Day <= last && slices.Contains(heads, a.holder) {
				return true, nil
			}
		}
	}
	return false, nil
}

// winning is the whole of a winner's holder, and why they may not have a share after all:
// they had one by another of their records, or of their household.
//
// Faults: Conflict "ration.had_record", "ration.had_household".
func (s *Service) winning(r storage.Reader, c *opened, x winner) (w whole, err error) {
	if c.Who.Counts == ByFirm || c.Who.Counts == ByAddress || len(x.offers) == 0 {
		return w, nil
	}
	if w, err = s.wholeOf(r, x.holder); err != nil {
		return w, err
	}
	in := ClaimInput{Offer: x.offers[0].ID}
	if c.Who.Counts == ByHousehold {
		return w, s.household(r, c, in, w)
	}
	return w, s.hadAsOther(r, c, in, w)
}

// doubled are the tickets of a day's entries that do not count: of a person whose records
// entered more than once all but the first, and all where one of the records won since.
func (s *Service) doubled(r storage.Reader, c *opened, day, since Day) (map[string]bool, error) {
	of, err := s.Parties.Several(r)
	if err != nil {
		return nil, err
	}
	wholes := map[string][]string{}
	for id, key := range of {
		if key != "" {
			wholes[key] = append(wholes[key], id)
		}
	}
	out := map[string]bool{}
	for _, ids := range wholes {
		in, args := storage.In(4, ids)
		tickets, err := storage.All(r, scanText, `select ticket from ration_entry where campaign = $1 and day in ($2, $3) and holder in (`+in+`) order by ticket`,
			append([]any{c.ID, int64(day), int64(standing)}, args...)...)
		if err != nil {
			return nil, err
		}
		if len(tickets) == 0 {
			continue
		}
		in, args = storage.In(3, ids)
		var won int64
		if err := r.Row(`select count(*) from ration_won where campaign = $1 and day >= $2 and holder in (`+in+`)`, append([]any{c.ID, int64(since)}, args...)...).Scan(&won); err != nil {
			return nil, err
		}
		if won == 0 {
			tickets = tickets[1:]
		}
		for _, t := range tickets {
			out[t] = true
		}
	}
	return out, nil
}

// entered is the record under which one of several of a person stands in a draw already,
// or else first.
func entered(r storage.Reader, campaign string, day Day, first string, w whole) (string, error) {
	if len(w.ids) < 2 {
		return first, nil
	}
	in, args := storage.In(3, w.ids)
	err := r.Row(`select holder from ration_entry where campaign = $1 and day = $2 and holder in (`+in+`) order by ticket limit 1`, append([]any{campaign, int64(day)}, args...)...).Scan(&first)
	if storage.NoRows(err) {
		err = nil
	}
	return first, err
}

func scanText(rows *storage.Rows) (text string, err error) { return text, rows.Scan(&text) }
