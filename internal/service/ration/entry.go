package ration

import (
	"context"
	"fmt"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Entry is somebody's part in a campaign's draws.
type Entry struct {
	Campaign string    `json:"campaign"`
	Day      Day       `json:"-"`      // of the draw; standing for one that stands until it wins
	Ticket   string    `json:"ticket"` // as the published list shows it
	Point    string    `json:"point"`
	At       time.Time `json:"at"`
	Person   string    `json:"-"`
	Firm     string    `json:"-"`

	holder, account string
}

// standing is the day of an entry that stands in every draw until it wins.
const standing Day = -1

// EnterInput is a part in a campaign's next draw. Point is where what is won would be
// fetched; For, Address and Answers are as of a claim.
type EnterInput struct {
	Campaign, Point string
	For, Address    string
	Answers         map[string]string
	Key             once.Key
}

// entriesMost is how many entries are stored in one transaction.
const entriesMost = 500

// EnterDraw takes part in a campaign's next draw. Whoever enters again alters the
// point, and nothing else: the time of entering plays no part. A firm enters once for
// all of its people who are back, each one entry.
//
// Who won too lately to win in that draw is refused, as a claim would be.
//
// Faults: as Claim; Conflict "ration.arrival" where no lots are drawn,
// "ration.entry_over" between a round's end and the next beginning.
func (s *Service) EnterDraw(ctx context.Context, by auth.Principal, in EnterInput) ([]Entry, error) {
	a, c, err := s.entrant(ctx, by, in)
	if err != nil {
		return nil, err
	}
	day, err := s.nextDraw(c.Campaign)
	if err != nil {
		return nil, err
	}
	if c.Give.RollOver {
		day = standing
	}
	whose := []string{a.holder}
	if c.Who.Counts == ByEmployee {
		if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
			whose, err = s.Applicants.Returned(r, a.firm)
			return err
		}); err != nil {
			return nil, err
		}
	}
	if day != standing { // one that stands has its chance once the wait is over
		if whose, err = s.mayWin(ctx, c, day, whose); err != nil {
			return nil, err
		}
	}
	var out []Entry
	for len(whose) > 0 {
		n := min(len(whose), entriesMost)
		list, err := s.storeEntries(ctx, by, c, a, in.Point, day, whose[:n])
		if err != nil {
			return nil, err
		}
		out, whose = append(out, list...), whose[n:]
	}
	return out, nil
}

// entrant is whoever enters, with what a claim would ask of them too.
func (s *Service) entrant(ctx context.Context, by auth.Principal, in EnterInput) (a applicant, c *opened, err error) {
	if err = s.Store.Read(ctx, func(r storage.Reader) error {
		if c, err = s.campaign(r, in.Campaign); err != nil {
			return err
		}
		p, err := s.point(r, in.Point)
		if err == nil && !c.serves(p) {
			err = noPoint()
		}
		return err
	}); err != nil {
		return a, nil, err
	}
	if c.Give.By != ByLot {
		return a, nil, fault.New(fault.Conflict, "ration.arrival")
	}
	if a, c, err = s.asks(ctx, by, c, ClaimInput{For: in.For, Address: in.Address, Answers: in.Answers}); err == nil {
		a.to, err = s.destination(c, sentTo(a.person, a.firm), in.Address)
	}
	return a, c, err
}

// nextDraw is the day of the round that is open now.
func (s *Service) nextDraw(c *Campaign) (Day, error) {
	today := s.today()
	from, until := s.hours(c, today)
	switch now := s.Clock(); {
	case now.Before(from):
		return 0, fault.New(fault.Conflict, "ration.not_open", "from", from)
	case now.Before(until):
		return today, nil
	case c.Give.Opens == 0: // around the clock: the next day's has begun
		return today + 1, nil
	}
	from, _ = s.hours(c, today+1)
	return 0, fault.New(fault.Conflict, "ration.entry_over", "from", from)
}

func (s *Service) storeEntries(ctx context.Context, by auth.Principal, c *opened, a applicant, point string, day Day, whose []string) (out []Entry, err error) {
	now := s.Clock()
	themself := "" // whoever enters themself is not bound by what was entered for them
	if a.person != "" && a.person == by.Person {
		themself = ` or ration_entry.person = excluded.person`
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		out = make([]Entry, 0, len(whose))
		rows := make([]any, 0, len(whose)*9)
		stood := make([]string, 0, len(whose))
		for _, h := range whose {
			h, err := entered(tx, c.ID, day, h, a.whole)
			if err != nil {
				return err
			}
			stood = append(stood, h)
			e := Entry{c.ID, day, ident.New("ent", now), point, now, a.person, a.firm, h, by.ID}
			out = append(out, e)
			rows = append(rows, e.Campaign, int64(day), h, e.Ticket, point, e.Person, e.Firm, by.ID, clock.Micros(now))
		}
		if _, err := storage.ExecRows(tx, `insert into ration_entry (campaign, day, holder, ticket, point, person, firm, account, at) values `, 9, rows,
			` on conflict (campaign, day, holder) do update set point = excluded.point,
				account = case when ration_entry.firm = '' then excluded.account else ration_entry.account end
				where ration_entry.account = excluded.account or ration_entry.firm <> ''`+themself); err != nil {
			return err
		}
		list, args := storage.In(3, stood)
		out, err = storage.All(tx, func(r *storage.Rows) (Entry, error) { return scanEntry(r) },
			entryColumns+`where campaign = $1 and day = $2 and holder in (`+list+`) order by ticket`, append([]any{c.ID, int64(day)}, args...)...)
		if err != nil {
			return err
		}
		if e := out[0]; e.account == by.ID && e.Person == a.person { // else it is another's word, which stands
			if err := keepAddress(tx, c.ID, sentTo(a.person, a.firm), a.to, now); err != nil {
				return err
			}
		}
		return s.record(tx, by, factEntered, streamOf(c.ID), map[string]any{"day": int64(day), "entries": len(out), "first": out[0].Ticket})
	})
	return out, err
}

const entryColumns = `select campaign, day, holder, ticket, point, person, firm, account, at from ration_entry `

func scanEntry(from interface{ Scan(...any) error }) (e Entry, err error) {
	var day, at int64
	err = from.Scan(&e.Campaign, &day, &e.holder, &e.Ticket, &e.Point, &e.Person, &e.Firm, &e.account, &at)
	e.Day, e.At = Day(day), clock.FromMicros(at)
	return e, err
}

// ofMine is the condition by which entries are by's own, with its arguments from the nth:
// by's themself, whoever made them, and what by made for their firm or for those they
// still ask for.
func (s *Service) ofMine(r storage.Reader, by auth.Principal, n int) (string, []any, error) {
	mine, err := s.recordsOf(r, by.Person)
	if err != nil {
		return "", nil, err
	}
	whose := []string{""}
	for _, x := range mine {
		family, err := s.familyOf(r, x)
		if err != nil {
			return "", nil, err
		}
		whose = append(whose, family...)
	}
	self, args := storage.In(n+1, mine)
	others, more := storage.In(n+1+len(mine), whose)
	return fmt.Sprintf(`(person <> '' and person in (%s) or account = $%d and person in (%s))`, self, n, others), append(append([]any{by.ID}, args...), more...), nil
}

// Withdraw takes by's entries out of a campaign's next draw.
//
// Faults: Denied; NotFound "ration.no_entry".
func (s *Service) Withdraw(ctx context.Context, by auth.Principal, campaign string) error {
	if err := by.Permit(MayClaim, Grants, by.Scope); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		mine, args, err := s.ofMine(tx, by, 4)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`delete from ration_entry where `+mine+` and campaign = $1 and (day = $2 or day >= $3)
			and not exists (select 1 from ration_draw d where d.campaign = ration_entry.campaign and d.day = ration_entry.day)`,
			append([]any{campaign, int64(standing), int64(s.today())}, args...)...)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "ration.no_entry")
		}
		if err != nil {
			return err
		}
		return s.record(tx, by, factWithdrawn, streamOf(campaign), map[string]int64{"entries": n})
	})
}

// MyEntries lists by's entries of the last weeks, the newest first. Faults: Denied.
func (s *Service) MyEntries(ctx context.Context, by auth.Principal) (list []Entry, err error) {
	if err := by.Permit(MayClaim, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		mine, args, err := s.ofMine(r, by, 1)
		if err != nil {
			return err
		}
		list, err = storage.All(r, func(rows *storage.Rows) (Entry, error) { return scanEntry(rows) }, entryColumns+`where `+mine+` order by ticket desc limit 1000`, args...)
		return err
	})
	return list, err
}
