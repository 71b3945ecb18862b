package workresume

import (
	"context"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// CheckInput is one scan: a credential's text, or the short code read aloud.
type CheckInput struct {
	Gate      string
	Text      string
	ShortCode string
	Direction Direction
	Key       once.Key
}

// UndoWithin is how long a wrong tap can be undone.
const UndoWithin = 10 * time.Minute

// CheckAtGate admits somebody or not, and counts. The answer is durable when it
// is given; the same request again gets the same answer.
//
// Faults: Invalid, Denied, NotFound for the gate, Unavailable.
func (s *Service) CheckAtGate(ctx context.Context, by auth.Principal, in CheckInput) (Check, error) {
	in.Text, in.ShortCode = strings.TrimSpace(in.Text), strings.TrimSpace(in.ShortCode)
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Direction != In && in.Direction != Out {
		bad.With("direction", "workresume.direction_unknown")
	}
	if (in.Text == "") == (in.ShortCode == "") {
		bad.With("text", "workresume.one_code")
	}
	if len(in.Text) > 4096 || len(in.ShortCode) > 64 {
		bad.With("text", "fault.too_long", "max", 4096)
	}
	if err := bad.OrNil(); err != nil {
		return Check{}, err
	}
	seen, err := s.read(ctx, in)
	if err != nil {
		return Check{}, err
	}
	var out Check
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		g, err := s.permitGate(tx, by, in.Gate)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Check, error) { return s.check(tx, by, g, in.Direction, seen) })
		return err
	})
	return out, err
}

// sighting is what a scan says before anything is looked up.
type sighting struct {
	person string // from a verified credential
	short  string // a well-formed short code, to be looked up
	fail   CheckCode
}

// read verifies the credential: its signature and whether it was withdrawn, from
// memory.
func (s *Service) read(ctx context.Context, in CheckInput) (sighting, error) {
	if in.ShortCode != "" {
		code, err := ident.CheckAloud(in.ShortCode)
		if err != nil {
			return sighting{fail: CheckUnreadable}, nil
		}
		return sighting{short: code}, nil
	}
	status, err := s.Status.Checker(ctx)
	if err != nil {
		return sighting{}, err
	}
	res := credential.Verify(in.Text, s.Trust, s.Clock(), status)
	switch {
	case res.Claims == nil || res.Claims.Kind != credential.Person:
		return sighting{fail: CheckUnreadable}, nil // forged, spoilt, or no person's code
	case res.Valid, res.Status == credential.Suspended: // what it rests on is asked below
		return sighting{person: res.Claims.Subject}, nil
	case *res.FailedStep == credential.StepExpiry, *res.FailedStep == credential.StepStatus: // the bearer has a newer one
		return sighting{person: res.Claims.Subject, fail: CheckExpired}, nil
	}
	return sighting{fail: CheckUnreadable}, nil
}

// check judges, counts, stores and records, inside the transaction.
func (s *Service) check(tx *storage.Tx, by auth.Principal, g Gate, dir Direction, seen sighting) (Check, error) {
	now := s.Clock()
	person, code := seen.person, seen.fail
	if seen.short != "" {
		var until int64
		err := tx.Row(`select person, until from workresume_pass where short_code = $1`, seen.short).Scan(&person, &until)
		switch {
		case storage.NoRows(err):
			code = CheckUnreadable
		case err != nil:
			return Check{}, err
		case !now.Before(clock.FromMicros(until)):
			code = CheckExpired
		}
	}
	var where string
	if person != "" {
		err := tx.Row(`select place from workresume_presence where person = $1`, person).Scan(&where)
		if err != nil && !storage.NoRows(err) {
			return Check{}, err
		}
		if code == "" || dir == Out {
			st, err := s.standing(tx, person)
			if err != nil {
				return Check{}, err
			}
			code = judgeGate(st, g, dir, where == g.Place, code)
		}
	}
	c := Check{Admit: code == CheckOK || code == CheckRepeat, Code: code, Reason: "workresume.gate_" + string(code), Direction: dir, At: now, Reference: aloud()}
	counted, err := s.move(tx, person, g.Place, where, dir, code, now)
	if err != nil {
		return c, err
	}
	if c.Inside, err = s.count(tx, g.Place, counted); err != nil {
		return c, err
	}
	if _, err := tx.Exec(`insert into workresume_check
		(check_id, reference, gate, place, person, direction, admit, counted, code, account, at, undone)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)`, ident.New("chk", now), c.Reference, g.ID, g.Place, person,
		string(dir), bit(c.Admit), counted, string(code), by.ID, clock.Micros(now)); err != nil {
		return c, err
	}
	return c, s.recordPerson(tx, by, factChecked, "gate:"+g.ID, person, checkedBody{g.ID, dir, c.Admit, code, c.Reference})
}

// judgeGate is pure. Whoever is inside may always leave.
func judgeGate(st standing, g Gate, dir Direction, inside bool, failed CheckCode) CheckCode {
	if dir == Out {
		if inside {
			return CheckOK
		}
		return CheckRepeat
	}
	switch {
	case failed != "":
		return failed
	case !st.member, g.Firm != "" && g.Firm != st.firm.ID:
		return CheckNotListed
	case g.Firm == "" && st.firm.Park != "" && st.firm.Park != g.Park: // a firm whose park nobody entered may use any
		return CheckNotListed
	case st.judge().State != CodeValid:
		return CheckStopped
	case inside:
		return CheckRepeat
	}
	return CheckOK
}

// move notes where the person is now and says what that adds to the count here.
// Somebody counted elsewhere who enters here has left there unseen.
func (s *Service) move(tx *storage.Tx, person, place, where string, dir Direction, code CheckCode, now time.Time) (int64, error) {
	if code != CheckOK {
		return 0, nil
	}
	if dir == Out {
		_, err := tx.Exec(`delete from workresume_presence where person = $1`, person)
		return -1, err
	}
	if where != "" && where != place {
		if _, err := s.count(tx, where, -1); err != nil {
			return 0, err
		}
	}
	_, err := tx.Exec(`insert into workresume_presence (person, place, since) values ($1, $2, $3)
		on conflict (person) do update set place = excluded.place, since = excluded.since`, person, place, clock.Micros(now))
	return 1, err
}

// count adds to the number inside a place, never below zero, and returns it.
func (s *Service) count(tx *storage.Tx, place string, add int64) (int64, error) {
	if _, err := tx.Exec(`insert into workresume_inside (place, number) values ($1, 0) on conflict (place) do nothing`, place); err != nil {
		return 0, err
	}
	if add != 0 {
		if _, err := tx.Exec(`update workresume_inside set number = case when number + $1 < 0 then 0 else number + $1 end where place = $2`, add, place); err != nil {
			return 0, err
		}
	}
	var n int64
	return n, tx.Row(`select number from workresume_inside where place = $1`, place).Scan(&n)
}

func (s *Service) permitGate(r storage.Reader, by auth.Principal, id string) (Gate, error) {
	if err := by.Permit(MayCheck, Grants, by.Scope); err != nil {
		return Gate{}, err
	}
	unknown := fault.New(fault.NotFound, "workresume.gate_unknown")
	g, err := s.Places.Gate(r, id)
	if err != nil {
		return g, err
	}
	chain := []auth.Scope{auth.Gate(g.ID), auth.Park(g.Park), auth.District(s.District)}
	if g.Firm != "" {
		chain = append(chain, auth.OfFirm(g.Firm))
	}
	if by.Permit(MayCheck, Grants, chain...) != nil {
		return g, unknown
	}
	return g, nil
}
