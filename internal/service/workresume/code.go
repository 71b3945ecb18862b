package workresume

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// standing is what a person's code rests on.
type standing struct {
	person string
	member bool
	firm   row
	cert   *Certificate
	name   string // masked
	now    time.Time
}

func (s *Service) standing(r storage.Reader, person string) (standing, error) {
	st := standing{person: person, now: s.Clock()}
	names, err := s.Parties.Masked(r, person)
	if err != nil {
		return st, err
	}
	st.name = names[person].Name
	var firm string
	err = r.Row(`select firm from workresume_member where person = $1 and departed = 0`, person).Scan(&firm)
	if storage.NoRows(err) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	st.member = true
	if st.firm, err = s.load(r, firm); err != nil {
		return st, err
	}
	if st.firm.certificate != "" {
		st.cert, err = s.loadCertificate(r, "certificate", st.firm.certificate)
	}
	return st, err
}

// judge is the pure part: what the person's code says.
func (st standing) judge() Code {
	c := Code{State: CodeStopped, Person: st.person, Name: st.name, Firm: st.firm.Name}
	switch {
	case !st.member:
		c.Reason = "workresume.code_no_roster"
	case st.firm.State == Certified && st.cert.Standing(st.now):
		c.State, c.Until, c.Reason = CodeValid, st.cert.Until, "workresume.code_valid"
	case st.firm.State == Refused:
		c.Reason = "workresume.code_refused"
	case st.firm.State == Certified:
		c.Reason = "workresume.code_lapsed"
	default:
		c.State, c.Reason = CodeWaiting, "workresume.code_waiting"
	}
	c.Args = map[string]any{"firm": st.firm.Name}
	return c
}

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

// PrintCodes are codes on paper for members of a firm who have no phone; each
// lives as long as the firm's certificate.
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
	var c Code
	var st standing
	var kept pass
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if st, err = s.standing(r, person); err != nil {
			return err
		}
		if c = st.judge(); c.State == CodeValid {
			kept, err = loadPass(r, person, printed)
		}
		return err
	})
	c.Printed = printed
	if err != nil || c.State != CodeValid {
		return c, err
	}
	if !kept.good(st.now, st.firm.ID, printed) {
		if kept, err = s.sign(ctx, by, st, kept, printed); err != nil {
			return c, err
		}
	}
	c.Until, c.Credential, c.ShortCode = kept.until, kept.text, kept.short
	return c, nil
}

// pass is a person's signed code.
type pass struct {
	firm, short, text string
	place             statuslist.Ref
	issued, until     time.Time
}

// good reports whether the pass may be shown: a phone's is replaced in the last
// quarter of its life, so that a shown code does not run out in the queue.
func (p pass) good(now time.Time, firm string, printed bool) bool {
	spare := PassLife / 4
	if printed {
		spare = 0
	}
	return p.firm == firm && now.Add(spare).Before(p.until)
}

func loadPass(r storage.Reader, person string, printed bool) (pass, error) {
	var p pass
	var issued, until int64
	var place string
	err := r.Row(`select firm, short_code, credential, issued, until, status from workresume_pass where person = $1 and printed = $2`, person, bit(printed)).
		Scan(&p.firm, &p.short, &p.text, &issued, &until, &place)
	if storage.NoRows(err) {
		return pass{}, nil
	}
	p.issued, p.until, p.place = clock.FromMicros(issued), clock.FromMicros(until), statuslist.ParseRef(place)
	return p, err
}

// sign makes a new pass; one that follows another of the same firm has its place in
// the status list, since what is decided about one is decided about both.
func (s *Service) sign(ctx context.Context, by auth.Principal, st standing, kept pass, printed bool) (pass, error) {
	p := pass{firm: st.firm.ID, issued: st.now, until: st.now.Add(PassLife)}
	if printed || st.cert.Until.Before(p.until) {
		p.until = st.cert.Until
	}
	if kept.firm == p.firm {
		p.place = kept.place
	}
	var err error
	var where *credential.StatusRef
	if p.place, where, err = s.placeFor(ctx, p.place, p.until); err != nil {
		return p, err
	}
	p.text, err = s.Signer.Sign(credential.Claims{
		Status: where, Kind: credential.Person, ID: ident.New("pas", st.now), Issuer: s.Issuer, Subject: st.person, Issued: p.issued, Expires: p.until,
		Name: st.name, Employer: st.firm.Name, Printed: printed,
	})
	if err != nil {
		return p, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := free(tx, &p.short, `select 1 from workresume_pass where short_code = $1`); err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into workresume_pass (person, printed, firm, short_code, credential, issued, until, status)
			values ($1, $2, $3, $4, $5, $6, $7, $8)
			on conflict (person, printed) do update set firm = excluded.firm, short_code = excluded.short_code, credential = excluded.credential,
				issued = excluded.issued, until = excluded.until, status = excluded.status`,
			st.person, bit(printed), p.firm, p.short, p.text, clock.Micros(p.issued), clock.Micros(p.until), p.place.String()); err != nil {
			return err
		}
		return s.recordPerson(tx, by, factCodeSigned, "person:"+st.person, st.person, map[string]any{"firm": p.firm, "until": p.until, "printed": printed})
	})
	return p, err
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
