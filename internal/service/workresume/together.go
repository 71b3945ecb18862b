package workresume

import (
	"strconv"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// What follows for firms is written for many of them together: a change of policy
// and a promise broken everywhere at once touch the whole district, and across a
// wire every statement costs a journey there and back. One firm is many with one.

// togetherMost is how many firms one statement asks about.
const togetherMost = 500

// decideAll asks a pack about firms, lets its answers stand unless an officer's do,
// and stores and records them. All must have filed. It asks about the first at
// least, and about no more once enough says so; the others are left as they are.
func (s *Service) decideAll(tx *storage.Tx, by auth.Principal, firms []*row, pack *rule.Pack, activation string, enough func() bool) (asked int, err error) {
	ids := make([]string, len(firms))
	for i, f := range firms {
		ids[i] = f.ID
	}
	stated, err := attestations(tx, pack, ids)
	if err != nil {
		return 0, err
	}
	var entries []entering
	for i, f := range firms {
		if i > 0 && enough() {
			firms = firms[:i]
			break
		}
		facts := f.Filing.facts(f.Roster, s.Clock())
		for name, yes := range stated[f.ID] {
			facts[name] = yes
		}
		d := pack.Decide(facts)
		if f.Decision = &d; f.Override != nil {
			continue
		}
		to := f.stateAfter(d)
		if f.Watch == Withdrawn && to == Certified {
			to = Returned // until the firm files anew
		}
		entries = append(entries, entering{f, to})
	}
	if err := s.enterAll(tx, entries); err != nil {
		return 0, err
	}
	if err := s.storeAll(tx, firms); err != nil {
		return 0, err
	}
	for _, f := range firms {
		if err := s.record(tx, by, factDecided, f.ID, decidedBody{
			Decision: *f.Decision, State: f.State, Roster: f.Roster, Certificate: f.certificate, Activation: activation,
		}); err != nil {
			return 0, err
		}
	}
	return len(firms), nil
}

// entering is a firm on its way to a state.
type entering struct {
	*row
	to State
}

// enterAll moves firms to states: a certificate is issued on becoming certified,
// renewed when it has run out, and ended on leaving. Firms are told of a change.
func (s *Service) enterAll(tx *storage.Tx, entries []entering) error {
	now := s.Clock()
	certs, err := s.certificatesOf(tx, entries)
	if err != nil {
		return err
	}
	var issued []*Certificate
	var ended, certified, hold, stop []string
	var told []notice
	for _, e := range entries {
		changed := e.State != e.to
		if changed {
			code := "workresume.told_" + string(e.to)
			if e.State == Unfiled && e.to == Returned {
				code = "workresume.told_incomplete" // a first filing that came before its roster was sent back by nobody
			}
			e.State, e.Since = e.to, now
			told = append(told, notice{e.ID, code, nil})
		}
		cert := certs[e.certificate]
		switch {
		case e.to != Certified:
			if e.certificate, e.Certificate = "", nil; cert != nil && cert.Ended.IsZero() {
				ended = append(ended, cert.ID)
			}
		case cert.lasting(now):
			e.Certificate = cert
		default:
			cert = &Certificate{ID: ident.New("crt", now), Firm: e.ID, Issued: now, Until: now.Add(CertificateLife)}
			issued = append(issued, cert)
			e.certificate, e.Certificate = cert.ID, cert
		}
		switch {
		case !changed:
		case e.to == Certified && e.Watch != Suspended:
			hold, certified = append(hold, e.ID), append(certified, e.ID)
		case e.to == Certified:
			stop, certified = append(stop, e.ID), append(certified, e.ID)
		default:
			stop = append(stop, e.ID)
		}
	}
	if err := s.endCertificates(tx, ended); err != nil {
		return err
	}
	if err := issue(tx, issued); err != nil {
		return err
	}
	if err := s.markPasses(tx, hold, true); err != nil {
		return err
	}
	if err := s.markPasses(tx, stop, false); err != nil {
		return err
	}
	if err := s.casesSettled(tx, certified); err != nil {
		return err
	}
	return s.tellAll(tx, told)
}

// certificatesOf are the certificates that firms hold, by id.
func (s *Service) certificatesOf(r storage.Reader, entries []entering) (map[string]*Certificate, error) {
	out := map[string]*Certificate{}
	var ids []string
	for _, e := range entries {
		if e.certificate != "" {
			ids = append(ids, e.certificate)
		}
	}
	return out, inParts(ids, func(list string, args []any) error {
		found, err := storage.All(r, func(rows *storage.Rows) (*Certificate, error) { return scanCertificate(rows) },
			certificateColumns+` where c.certificate in (`+list+`)`, args...)
		for _, c := range found {
			out[c.ID] = c
		}
		return err
	})
}

// endCertificates ends them and says so in the public list, for good.
func (s *Service) endCertificates(tx *storage.Tx, ids []string) error {
	return inParts(ids, func(list string, args []any) error {
		if _, err := tx.Exec(`update workresume_certificate set ended = $`+strconv.Itoa(len(args)+1)+` where certificate in (`+list+`)`,
			append(args, clock.Micros(s.Clock()))...); err != nil {
			return err
		}
		places, err := storage.All(tx, scanPlace, `select status from workresume_certificate where certificate in (`+list+`) order by certificate`, args...)
		if err != nil {
			return err
		}
		return s.Status.Set(tx, statuslist.Invalid, places...)
	})
}

// issue stores new certificates under codes that no other has.
func issue(tx *storage.Tx, certs []*Certificate) error {
	byCode := map[string]*Certificate{}
	for todo := certs; len(todo) > 0; {
		var codes []string
		for _, c := range todo {
			for c.Code = aloud(); byCode[c.Code] != nil; {
				c.Code = aloud()
			}
			byCode[c.Code] = c
			codes = append(codes, c.Code)
		}
		todo = nil
		if err := inParts(codes, func(list string, args []any) error {
			taken, err := storage.All(tx, scanText, `select code from workresume_certificate where code in (`+list+`)`, args...)
			for _, code := range taken {
				todo = append(todo, byCode[code])
			}
			return err
		}); err != nil {
			return err
		}
	}
	rows := make([]any, 0, len(certs)*7)
	for _, c := range certs {
		rows = append(rows, c.ID, c.Firm, c.Code, "", clock.Micros(c.Issued), clock.Micros(c.Until), 0)
	}
	_, err := storage.ExecRows(tx, `insert into workresume_certificate (certificate, firm, code, credential, issued, until, ended) values `, 7, rows, "")
	return err
}

// markPasses lets the living passes of firms hold, or not for now.
func (s *Service) markPasses(tx *storage.Tx, firms []string, hold bool) error {
	state, but := statuslist.Suspended, ""
	if hold { // but not of those who are yellow or red
		state, but = statuslist.Valid, ` and person not in (select person from workresume_colour where marked = 1)`
	}
	return inParts(firms, func(list string, args []any) error {
		places, err := storage.All(tx, scanPlace, `select status from workresume_pass where firm in (`+list+`) and until > $`+strconv.Itoa(len(args)+1)+
			` and status <> ''`+but+` order by firm, person`, append(args, clock.Micros(s.Clock()))...)
		if err != nil {
			return err
		}
		return s.Status.Set(tx, state, places...)
	})
}

// casesSettled closes the filing's case of firms the rules have nothing against any
// more: nobody needs to look.
func (s *Service) casesSettled(tx *storage.Tx, firms []string) error {
	if len(firms) == 0 {
		return nil
	}
	standing, err := s.Cases.StandingOf(tx, CaseFiling, firms)
	if err != nil {
		return err
	}
	for _, id := range firms {
		if c, ok := standing[id]; ok {
			if _, err := s.Cases.Settle(tx, auth.Operator(), c.ID, string(Certified), ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// storeAll writes what changed of firms' files. Roster, refusals and reviews are
// counters with statements of their own. Numbers travel as text, since a list of
// values has no types of its own on every engine.
func (s *Service) storeAll(tx *storage.Tx, firms []*row) error {
	rows := make([]any, 0, len(firms)*10)
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, f := range firms {
		s.changed(tx, f.ID)
		var class Class
		var declared int64
		if f.Filing != nil {
			class, declared = f.Filing.Class, f.Filing.Declared
		}
		rows = append(rows, f.ID, string(f.State), number(f.attention()), number(clock.Micros(f.Since)), string(class), number(declared),
			text(f.Filing), text(f.Decision), text(f.Override), f.certificate)
	}
	_, err := storage.ExecRows(tx, `update workresume_firm set state = v.column2, attention = cast(v.column3 as bigint), since = cast(v.column4 as bigint),
		class = v.column5, declared = cast(v.column6 as bigint), filing = v.column7, decision = v.column8, override = v.column9, certificate = v.column10
		from (values `, 10, rows, `) v where workresume_firm.firm = v.column1`)
	return err
}

// inParts does something for lists of keys that one statement can bear.
func inParts(keys []string, do func(list string, args []any) error) error {
	for len(keys) > 0 {
		part := keys[:min(len(keys), togetherMost)]
		keys = keys[len(part):]
		list, args := storage.In(1, part)
		if err := do(list, args); err != nil {
			return err
		}
	}
	return nil
}
