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
	Late      *Late // made without the server; nil: now
	Key       once.Key
}

// UndoWithin is how long a wrong tap can be undone.
const UndoWithin = 10 * time.Minute

// undoKnown is how long a check is found by its reference, to say that it is too late.
// A gate's checks are searched, newest first: an index by reference would touch a page
// of its own with every check of the morning.
const undoKnown = 24 * time.Hour

// CheckAtGate admits somebody or not, and counts. The answer is durable when it
// is given; the same request again gets the same answer.
//
// A check that a phone made without a network comes later, with Late.
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
	if err := in.Key.Check(); err != nil {
		return Check{}, err
	}
	g, err := s.gateFor(ctx, by, in.Gate)
	if err != nil {
		return Check{}, err
	}
	if in.Late != nil {
		return s.late(ctx, by, g, in)
	}
	t := &tap{by: by, gate: g, key: in.Key, dir: in.Direction, done: make(chan struct{})}
	if t.seen, err = s.readAt(ctx, in, s.Clock()); err != nil {
		return Check{}, err
	}
	if t.seen.person != "" {
		if t.st, err = s.standing(ctx, t.seen.person); err != nil {
			return Check{}, err
		}
	}
	return s.tapped(ctx, t)
}

// sighting is what a scan says before it is judged.
type sighting struct {
	person string
	fail   CheckCode
}

// readAt finds out whose code it is, as of a moment. A code that this process keeps in memory was
// signed by us, word for word, and need not be verified once more.
func (s *Service) readAt(ctx context.Context, in CheckInput, now time.Time) (sighting, error) {
	if in.ShortCode != "" {
		return s.readShort(ctx, in.ShortCode, now)
	}
	if person, ok := s.roll.whose(in.Text, now); ok {
		return sighting{person: person}, nil
	}
	status, err := s.Status.Checker(ctx)
	if err != nil {
		return sighting{}, err
	}
	res := credential.Verify(in.Text, s.Trust, now, status)
	switch {
	case res.Claims == nil || res.Claims.Kind != credential.Person:
		return sighting{fail: CheckUnreadable}, nil // forged, spoilt, or no person's code
	case res.Valid, res.Status == credential.Suspended: // what it rests on is asked for
		return sighting{person: res.Claims.Subject}, nil
	case *res.FailedStep == credential.StepExpiry, *res.FailedStep == credential.StepStatus: // the bearer has a newer one
		return sighting{person: res.Claims.Subject, fail: CheckExpired}, nil
	}
	return sighting{fail: CheckUnreadable}, nil
}

func (s *Service) readShort(ctx context.Context, short string, now time.Time) (sighting, error) {
	code, err := ident.CheckAloud(short)
	if err != nil {
		return sighting{fail: CheckUnreadable}, nil
	}
	if person, ok := s.roll.whose(code, now); ok {
		return sighting{person: person}, nil
	}
	var seen sighting
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		seen = sighting{}
		var until int64
		err := r.Row(`select person, until from workresume_pass where short_code = $1`, code).Scan(&seen.person, &until)
		switch {
		case storage.NoRows(err):
			seen.fail = CheckUnreadable
			return nil
		case err == nil && !now.Before(clock.FromMicros(until)):
			seen.fail = CheckExpired
		}
		return err
	})
	return seen, err
}

// judgeGate is pure. Whoever is inside may always leave. A colour is a class of
// reason only: neither which colour nor why is said at a gate.
func judgeGate(st standing, g Gate, dir Direction, inside bool, failed CheckCode) CheckCode {
	if dir == Out {
		if inside {
			return CheckOK
		}
		return CheckRepeat
	}
	level, _ := colourOf(st.colour, st.now)
	switch {
	case failed != "" && level == Green:
		return failed
	case st.footing == nil, g.Firm != "" && g.Firm != st.firm:
		return CheckNotListed
	case g.Firm == "" && (st.park == "" || st.park != g.Park): // a firm in no park has its own gates only
		return CheckNotListed
	case level != Green:
		return CheckAsk
	case st.judge().State != CodeValid:
		return CheckStopped
	case inside:
		return CheckRepeat
	}
	return CheckOK
}

// gateLife is how long a gate's place in the district is believed.
const gateLife = 5 * time.Second

type knownGate struct {
	Gate
	read time.Time
}

// gateFor is permitGate, from memory where it was read a moment ago.
func (s *Service) gateFor(ctx context.Context, by auth.Principal, id string) (Gate, error) {
	if err := by.Permit(MayCheck, Grants, by.Scope); err != nil {
		return Gate{}, err
	}
	now := s.Clock()
	if v, ok := s.gates.Load(id); ok {
		if k, ok := v.(knownGate); ok && now.Sub(k.read) < gateLife {
			return k.Gate, s.permitAt(by, k.Gate)
		}
	}
	var g Gate
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		g, err = s.permitGate(r, by, id)
		return err
	})
	if err == nil {
		s.gates.Store(id, knownGate{g, now})
	}
	return g, err
}

func (s *Service) permitGate(r storage.Reader, by auth.Principal, id string) (Gate, error) {
	if err := by.Permit(MayCheck, Grants, by.Scope); err != nil {
		return Gate{}, err
	}
	g, err := s.Places.Gate(r, id)
	if err != nil {
		return g, err
	}
	return g, s.permitAt(by, g)
}

// permitAt says that a gate somebody may not see does not exist.
func (s *Service) permitAt(by auth.Principal, g Gate) error {
	chain := []auth.Scope{auth.Gate(g.ID), auth.Park(g.Park), auth.District(s.District)}
	if g.Firm != "" {
		chain = append(chain, auth.OfFirm(g.Firm))
	}
	if by.Permit(MayCheck, Grants, chain...) != nil {
		return fault.New(fault.NotFound, "workresume.gate_unknown")
	}
	return nil
}
