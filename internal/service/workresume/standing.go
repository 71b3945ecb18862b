package workresume

import (
	"context"
	"time"

	"breakwater/internal/storage"
)

// footing is what the codes of a firm's people rest on. It is never changed, only
// replaced.
type footing struct {
	firm, name, park string
	state            State
	cert             Certificate // its times only; zero when none stands
}

// standing is what one person's code rests on; a nil footing is no roster.
type standing struct {
	*footing
	person string
	name   string // masked
	colour
	now time.Time
}

// judge is the pure part: what the person's code says to the person. What is their
// own comes first, for a firm that works again would not give this code back. Until
// when a colour holds is said under My health and nowhere else.
func (st standing) judge() Code {
	c := Code{State: CodeStopped, Person: st.person, Name: st.name}
	level, _ := colourOf(st.colour, st.now)
	if st.footing == nil {
		c.Reason = "workresume.code_no_roster"
		if level != Green { // what is their own, and can be appealed, before what a firm can mend
			c.Reason = "workresume.code_" + level.String() + "_no_roster"
		}
		return c
	}
	c.Firm = st.footing.name
	works := st.state == Certified && st.cert.Standing(st.now)
	switch {
	case level != Green && works:
		c.Reason = "workresume.code_" + level.String()
	case level != Green:
		c.Reason = "workresume.code_" + level.String() + "_firm" // both
	case works:
		c.State, c.Until, c.Reason = CodeValid, st.cert.Until, "workresume.code_valid"
	case st.state == Certified && !st.cert.Suspended.IsZero():
		c.Reason = "workresume.code_suspended"
	case st.state == Refused:
		c.Reason = "workresume.code_refused"
	case st.state == Certified:
		c.Reason = "workresume.code_lapsed"
	default:
		c.State, c.Reason = CodeWaiting, "workresume.code_waiting"
	}
	return c
}

// judgeAloof is judge for the person's firm, which prints the code: neither a colour
// nor its reason. Where the firm itself may not work all its people's codes say that
// alike, so that nobody's differs.
func (st standing) judgeAloof() Code {
	level, _ := colourOf(st.colour, st.now)
	st.colour = colour{}
	c := st.judge()
	if level != Green && c.State == CodeValid {
		c.State, c.Until, c.Reason = CodeStopped, time.Time{}, "workresume.code_unprintable"
	}
	return c
}

// standing answers from memory, or asks the store and remembers.
func (s *Service) standing(ctx context.Context, person string) (standing, error) {
	now := s.Clock()
	if st, _, ok := s.roll.find(person, now); ok {
		return st, nil
	}
	st := standing{person: person, now: now}
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		turn := s.roll.current()
		if st, err = s.standingIn(r, person); err == nil {
			s.roll.keep(st, turn)
		}
		return err
	})
	return st, err
}

const footingColumns = `f.firm, f.name, f.park, f.state, coalesce(c.issued, 0), coalesce(c.until, 0), coalesce(c.ended, 0), case when f.watch = 'suspended' then f.watched else 0 end`

func scanFooting(dest ...any) ([]any, func() *footing) {
	f := &footing{}
	var issued, until, ended, suspended int64
	return append(dest, &f.firm, &f.name, &f.park, &f.state, &issued, &until, &ended, &suspended), func() *footing {
		f.cert = Certificate{Issued: instant(issued), Until: instant(until), Ended: instant(ended), Suspended: instant(suspended)}
		return f
	}
}

// standingIn asks the store.
func (s *Service) standingIn(r storage.Reader, person string) (standing, error) {
	st := standing{person: person, now: s.Clock()}
	names, err := s.Parties.Masked(r, person)
	if err != nil {
		return st, err
	}
	st.name = names[person].Name
	dest, done := scanFooting()
	err = r.Row(`select `+footingColumns+colourColumns+` from workresume_member m join workresume_firm f on f.firm = m.firm
		left join workresume_certificate c on c.certificate = f.certificate`+colourJoin+`m.person
		where m.person = $1 and m.departed = 0`, person).Scan(st.dest(dest)...)
	if storage.NoRows(err) { // on no roster; a colour goes with the person all the same
		st.colour, _, err = storedColour(r, person)
		return st, err
	}
	if err == nil {
		st.footing = done()
	}
	return st, err
}
