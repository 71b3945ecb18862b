package casework

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// MayHear is the permission to be told of cases that stay late.
const MayHear auth.Permission = "casework.hear"

// The steps of what is said about a late case.
const (
	ToOfficer = "officer" // when it becomes late: to whoever has it, or to all who may take it
	ToChief   = "chief"   // one working day later: to those who answer for the district
)

// chiefAfter is how many working days a late case waits before its chief is told.
const chiefAfter = 1

// noticesMost is how many notices one page holds.
const noticesMost = 200

// Notice says that a case is late.
type Notice struct {
	Case Case
	Step string
	At   time.Time
}

// notice leaves the notice of one step; it reports whether it was the first.
func notice(tx *storage.Tx, c Case, step string, now time.Time) (bool, error) {
	to := c.Assignee
	if step == ToChief {
		to = ""
	}
	n, err := tx.Exec(`insert into casework_notice (case_id, step, account, at, seen, seen_by) values ($1, $2, $3, $4, 0, '')
		on conflict (case_id, step) do nothing`, c.ID, step, to, clock.Micros(now))
	return n == 1, err
}

// escalateFurther tells the chief of cases that have stayed late, once for each.
func (s *Store) escalateFurther(tx *storage.Tx, now time.Time) (n int, err error) {
	cal, err := s.Calendar(tx)
	if err != nil {
		return 0, err
	}
	list, err := storage.All(tx, func(rows *storage.Rows) (Case, error) { return s.scan(rows) },
		`select `+caseColumns+` from casework_case where state = 'open' and escalated > 0 and due <= $1
			and not exists (select 1 from casework_notice where case_id = id and step = 'chief') order by due, id limit $2`, clock.Micros(now), lateMost)
	for _, c := range list {
		late := cal.Start(c.Clock.Due.Add(-time.Microsecond), chiefAfter)
		if err != nil || now.Before(late.Due) {
			return n, err // the next ones became late after this one
		}
		first, err := notice(tx, c, ToChief, now)
		if err != nil {
			return n, err
		}
		if !first {
			continue
		}
		n++
		if err := s.record(tx, FactChief, "system", c, FactBody{Due: &c.Clock.Due, Assignee: c.Assignee}); err != nil {
			return n, err
		}
	}
	return n, err
}

// hears is whether a notice is for by. The officers' goes with the case: to whoever
// has it now, and to all who may take it while nobody does, or one who has put it
// back or gone would keep it from the rest.
func (s *Store) hears(by auth.Principal, n Notice) bool {
	if n.Step == ToChief {
		return by.Permit(MayHear, Grants(), auth.District(s.District)) == nil
	}
	return (n.Case.Assignee == "" || n.Case.Assignee == by.ID) && s.permit(by, n.Case.Kind, n.Case.Scope) == nil
}

// Notices are what by has not yet marked as seen of cases that are late still, the
// latest first, at most 200.
//
// Faults: none of its own; whom nothing is said to gets an empty list.
func (s *Store) Notices(r storage.Reader, by auth.Principal) (out []Notice, err error) {
	type row struct {
		id, step, account string
		at                int64
	}
	rows, err := storage.All(r, func(rows *storage.Rows) (x row, err error) {
		return x, rows.Scan(&x.id, &x.step, &x.account, &x.at)
	}, `select n.case_id, n.step, case when n.step = 'chief' then '' else c.assignee end, n.at from casework_notice n join casework_case c on c.id = n.case_id
		where n.seen = 0 and c.state = 'open' order by n.at desc, n.case_id, n.step limit $1`, lookMost)
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		if x.account != "" && x.account != by.ID {
			continue
		}
		n := Notice{Step: x.step, At: clock.FromMicros(x.at)}
		if n.Case, err = s.load(r, x.id); err != nil {
			return nil, err
		}
		if _, known := s.kinds[n.Case.Kind]; known && s.hears(by, n) {
			if out = append(out, n); len(out) == noticesMost {
				break
			}
		}
	}
	return out, nil
}

// Seen marks one step's notice as seen; who marks it says that they look after it. The
// chief's takes the officers' of the same case with it where by is told of both. Doing it
// twice changes nothing.
//
// Faults: NotFound, also for a notice that is not for by.
func (s *Store) Seen(tx *storage.Tx, by auth.Principal, id, step string) error {
	c, err := s.load(tx, id)
	if err != nil {
		return err
	}
	var one int64
	err = tx.Row(`select 1 from casework_notice where case_id = $1 and step = $2`, id, step).Scan(&one)
	if storage.NoRows(err) || err == nil && !s.hears(by, Notice{Case: c, Step: step}) {
		return fault.New(fault.NotFound, "casework.unknown")
	}
	if err != nil {
		return err
	}
	first := step
	if s.hears(by, Notice{Case: c, Step: ToOfficer}) {
		first = ToOfficer
	}
	n, err := tx.Exec(`update casework_notice set seen = $1, seen_by = $2 where case_id = $3 and step in ($4, $5) and seen = 0`,
		clock.Micros(s.Now()), by.ID, id, step, first)
	if err != nil || n == 0 {
		return err
	}
	return s.record(tx, FactSeen, by.ID, c, FactBody{})
}
