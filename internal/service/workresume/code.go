package workresume

import (
	"context"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// ShowCode is the caller's own code. A code is signed once a day, by the first
// showing, and kept.
//
// Faults: Denied.
func (s *Service) ShowCode(ctx context.Context, by auth.Principal) (Code, error) {
	if err := by.Permit(MayShow, Grants, auth.Person(by.Person)); err != nil {
		return Code{}, err
	}
	return s.codeOf(ctx, by, by.Person, false)
}

// ShownCode is ShowCode from memory alone; false: the store must be asked, or the
// code be signed, or by may not.
func (s *Service) ShownCode(by auth.Principal) (Code, bool) {
	if by.Permit(MayShow, Grants, auth.Person(by.Person)) != nil {
		return Code{}, false
	}
	st, kept, known := s.roll.find(by.Person, s.Clock())
	if !known {
		return Code{}, false
	}
	c := st.judge()
	if c.State != CodeValid {
		return c, true
	}
	if !kept.good(st.now, st.footing, false) {
		return Code{}, false
	}
	return c.shows(kept), true
}

// PrintCodes are codes on paper for members of a firm who have no phone; each
// lives as long as the firm's certificate. Of whoever is not green the firm learns only
// that no code can be printed.
//
// Faults: Invalid for more than 100 at once, Denied, NotFound.
func (s *Service) PrintCodes(ctx context.Context, by auth.Principal, firm string, people []string) ([]Code, error) {
	if len(people) == 0 || len(people) > 100 {
		return nil, fault.New(fault.Invalid, "workresume.print_count", "most", 100)
	}
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		f, err := s.permitFirm(r, by, MayPrint, firm)
		if err != nil {
			return err
		}
		return s.onRoster(r, f.ID, people)
	})
	if err != nil {
		return nil, err
	}
	out := make([]Code, 0, len(people))
	for _, p := range people {
		c, err := s.codeOf(ctx, by, p, true)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// codeOf judges, and for a valid code finds or signs the pass.
func (s *Service) codeOf(ctx context.Context, by auth.Principal, person string, printed bool) (Code, error) {
	st, kept, known := s.roll.find(person, s.Clock())
	judge := standing.judge
	if printed {
		judge = standing.judgeAloof
		kept = nil // memory has those for phones
	}
	if !known || kept == nil && judge(st).State == CodeValid {
		var err error
		if st, kept, err = s.look(ctx, person, printed); err != nil {
			return Code{}, err
		}
	}
	c := judge(st)
	c.Printed = printed
	if c.State != CodeValid {
		return c, nil
	}
	if !kept.good(st.now, st.footing, printed) {
		var err error
		if kept, err = s.sign(ctx, by, st, printed); err != nil {
			return c, err
		}
	}
	return c.shows(kept), nil
}

// shows is the valid code with what is signed for it.
func (c Code) shows(p *pass) Code {
	c.Until, c.Credential, c.ShortCode, c.pass = p.until, p.text, p.short, p
	return c
}

// Picture is the credential as a PNG of one pixel a module, drawn at the first show
// and kept with the pass; nil when there is nothing to show. It must not be changed.
//
// Faults: Invalid "credential.qr_long".
func (c Code) Picture() ([]byte, error) {
	if c.pass == nil {
		return nil, nil
	}
	if kept := c.pass.picture.Load(); kept != nil {
		return *kept, nil
	}
	qr, err := credential.QR(c.pass.text)
	if err != nil {
		return nil, err
	}
	png := qr.PNG(1)
	c.pass.picture.Store(&png)
	return png, nil
}

// look asks the store for a person's standing and pass, and remembers both.
func (s *Service) look(ctx context.Context, person string, printed bool) (st standing, kept *pass, err error) {
	var turn uint64
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		turn = s.roll.current()
		if st, err = s.standingIn(r, person); err != nil {
			return err
		}
		s.roll.keep(st, turn)
		passes, err := storedPasses(r, printed, []standing{st})
		kept = passes[person]
		return err
	})
	if err == nil && !printed && kept != nil {
		s.roll.keepPass(person, kept, turn)
	}
	return st, kept, err
}

// pass is a person's signed code.
type pass struct {
	firm, short, text string
	place             statuslist.Ref
	issued, until     time.Time
	picture           atomic.Pointer[[]byte] // see Code.Picture
}

// good reports whether the pass may be shown: a phone's is replaced in the last
// quarter of its life, so that a shown code does not run out in the queue. One that
// ends with the firm's certificate cannot be bettered.
func (p *pass) good(now time.Time, f *footing, printed bool) bool {
	if p == nil || p.firm != f.firm || !now.Before(p.until) {
		return false
	}
	spare := PassLife / 4
	if printed {
		spare = 0
	}
	return now.Add(spare).Before(p.until) || p.until.Equal(f.cert.Until)
}

// storedPasses reads the passes of these people.
func storedPasses(r storage.Reader, printed bool, people []standing) (map[string]*pass, error) {
	out := make(map[string]*pass, len(people))
	for rest := people; len(rest) > 0; {
		n := min(len(rest), 500)
		ids := make([]string, n)
		for i, st := range rest[:n] {
			ids[i] = st.person
		}
		rest = rest[n:]
		list, args := storage.In(2, ids)
		if _, err := storage.All(r, func(rows *storage.Rows) (struct{}, error) {
			var person, place string
			p := new(pass)
			var issued, until int64
			err := rows.Scan(&person, &p.firm, &p.short, &p.text, &issued, &until, &place)
			p.place = statuslist.ParseRef(place)
			p.issued, p.until = clock.FromMicros(issued), clock.FromMicros(until)
			out[person] = p
			return struct{}{}, err
		}, `select person, firm, short_code, credential, issued, until, status from workresume_pass where printed = $1 and person in (`+list+`)`, append([]any{bit(printed)}, args...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// onRoster says whether all of people are on the firm's roster.
func (s *Service) onRoster(r storage.Reader, firm string, people []string) error {
	for _, p := range people {
		var one int64
		err := r.Row(`select 1 from workresume_member where person = $1 and firm = $2 and departed = 0`, p, firm).Scan(&one)
		if storage.NoRows(err) {
			return fault.New(fault.NotFound, "workresume.member_unknown")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
