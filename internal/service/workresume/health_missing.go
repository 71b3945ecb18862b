package workresume

import (
	"context"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Unreported is somebody on a firm's roster of whom there is no report today. That
// is all a firm learns: yes or no, never what was reported, and no colour.
type Unreported struct {
	party.MaskedPerson
	Number   string    `json:"number"` // the firm's own
	Reminded int64     `json:"reminded"`
	At       time.Time `json:"reminded_at,omitzero"` // the latest
}

// Reporting is a firm's day: how many of its people reported, and who did not.
type Reporting struct {
	Day      string       `json:"day"`
	Roster   int64        `json:"roster"`
	Reported int64        `json:"reported"`
	Missing  []Unreported `json:"missing"` // a page of them
	Next     string       `json:"next"`
	Most     int64        `json:"reminders_most"` // to one person in one day
}

// Left is how many have not reported.
func (r Reporting) Left() int64 { return r.Roster - r.Reported }

// reportedToday joins, to members as m, today's first report as t; $2 is the day.
const reportedToday = ` left join workresume_report t on t.person = m.person and t.day = $2 and t.turn = 1 `

// MissingReports is who of a firm's roster has not reported today, a page of them
// after the person id given.
//
// Faults: Denied, NotFound.
func (s *Service) MissingReports(ctx context.Context, by auth.Principal, firm, after string) (out Reporting, err error) {
	most, err := s.limit("reminders_most")
	if err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		out = Reporting{Day: s.today().String(), Most: most}
		f, err := s.permitFirm(r, by, MaySee, firm)
		if err != nil {
			return err
		}
		// One firm's roster at most, by its index.
		if err := r.Row(`select count(*), count(t.person) from workresume_member m`+reportedToday+`where m.firm = $1 and m.departed = 0`,
			f.ID, out.Day).Scan(&out.Roster, &out.Reported); err != nil {
			return err
		}
		rows, err := storage.All(r, func(rows *storage.Rows) (u unreportedRow, err error) {
			var at int64
			err = rows.Scan(&u.ID, &u.details, &u.Reminded, &at)
			u.At = instant(at)
			return u, err
		}, `select m.person, m.details, coalesce(n.times, 0), coalesce(n.at, 0) from workresume_member m`+reportedToday+`
			left join workresume_reminder n on n.person = m.person and n.day = $2
			where m.firm = $1 and m.departed = 0 and t.person is null and m.person > $3 order by m.person limit $4`, f.ID, out.Day, after, PageSize+1)
		if err != nil {
			return err
		}
		if len(rows) > PageSize {
			rows = rows[:PageSize]
			out.Next = rows[PageSize-1].ID
		}
		out.Missing, err = s.dressUnreported(r, rows)
		return err
	})
	return out, err
}

type unreportedRow struct {
	Unreported
	details []byte
}

func (s *Service) dressUnreported(r storage.Reader, rows []unreportedRow) ([]Unreported, error) {
	ids := make([]string, len(rows))
	for i, u := range rows {
		ids[i] = u.ID
	}
	names, err := s.Parties.Masked(r, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Unreported, len(rows))
	for i, u := range rows {
		d, err := s.openDetails(u.details)
		if err != nil {
			return nil, err
		}
		u.MaskedPerson, u.Number = names[u.ID], d.Number
		out[i] = u.Unreported
	}
	return out, nil
}

// remindAll is how many people one act reminds at most; a larger firm asks again.
const remindAll = 1000

// RemindInput asks people of a firm to report. Nobody named is everybody who has
// not reported today.
type RemindInput struct {
	Firm   string
	People []string
	Key    once.Key
}

// Remind asks people to report today: it stands on their own health page, with the
// firm's name and the time. Who reported meanwhile, and who was asked as often as
// the pack allows for a day, is left out; the number is who was asked.
//
// Faults: Invalid for too many, Denied, NotFound.
func (s *Service) Remind(ctx context.Context, by auth.Principal, in RemindInput) (asked int64, err error) {
	if len(in.People) > 500 {
		return 0, fault.New(fault.Invalid, "workresume.choose_people", "most", 500)
	}
	most, err := s.limit("reminders_most")
	if err != nil {
		return 0, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.permitFirm(tx, by, MayFile, in.Firm)
		if err != nil {
			return err
		}
		asked, err = once.Do(tx, in.Key, s.Clock(), func() (int64, error) { return s.remind(tx, by, f.ID, in.People, most) })
		return err
	})
	return asked, err
}

func (s *Service) remind(tx *storage.Tx, by auth.Principal, firm string, people []string, most int64) (int64, error) {
	if err := s.onRoster(tx, firm, people); err != nil {
		return 0, err
	}
	day := s.today().String()
	due, err := storage.All(tx, scanText, `select m.person from workresume_member m`+reportedToday+`
		left join workresume_reminder n on n.person = m.person and n.day = $2
		where m.firm = $1 and m.departed = 0 and t.person is null and coalesce(n.times, 0) < $3 order by m.person`, firm, day, most)
	if err != nil {
		return 0, err
	}
	if len(people) > 0 {
		due = slices.DeleteFunc(due, func(p string) bool { return !slices.Contains(people, p) })
	}
	if due = due[:min(len(due), remindAll)]; len(due) == 0 {
		return 0, nil
	}
	now := clock.Micros(s.Clock())
	rows := make([]any, 0, 4*len(due))
	for _, p := range due {
		rows = append(rows, p, day, int64(1), now)
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_reminder (person, day, times, at) values `, 4, rows,
		` on conflict (person, day) do update set times = workresume_reminder.times + 1, at = excluded.at`); err != nil {
		return 0, err
	}
	return int64(len(due)), s.record(tx, by, factReminded, firm, map[string]any{"day": day, "people": len(due)})
}

// reminded is when a person was last asked to report today, zero if nobody did.
func (s *Service) reminded(r storage.Reader, person string) (time.Time, error) {
	var at int64
	err := r.Row(`select at from workresume_reminder where person = $1 and day = $2`, person, s.today().String()).Scan(&at)
	if storage.NoRows(err) {
		return time.Time{}, nil
	}
	return instant(at), err
}
