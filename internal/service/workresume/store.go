package workresume

import (
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// row is a firm's file as stored, with the id of the certificate that stands.
type row struct {
	Firm
	certificate string
	afresh      bool // filed in this transaction
}

const firmColumns = `firm, name, credit_code, park, state, since, roster, refusals, reviews, filing, decision, override, certificate, watch, watched`

func (s *Service) load(r storage.Reader, firm string) (row, error) {
	f, err := scanFirm(r.Row(`select `+firmColumns+` from workresume_firm where firm = $1`, firm))
	if storage.NoRows(err) {
		return f, noFirm()
	}
	return f, err
}

func scanFirm(from interface{ Scan(...any) error }) (row, error) {
	var (
		f                          row
		since, watched             int64
		filing, decision, override string
	)
	err := from.Scan(&f.ID, &f.Name, &f.CreditCode, &f.Park, &f.State, &since, &f.Roster, &f.Refusals, &f.Reviews,
		&filing, &decision, &override, &f.certificate, &f.Watch, &watched)
	if err != nil {
		return f, err
	}
	f.Since, f.Watched = clock.FromMicros(since), instant(watched)
	for _, p := range []struct {
		text string
		into func() any
	}{
		{filing, func() any { f.Filing = new(Filing); return f.Filing }},
		{decision, func() any { f.Decision = new(rule.Decision); return f.Decision }},
		{override, func() any { f.Override = new(Override); return f.Override }},
	} {
		if p.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(p.text), p.into()); err != nil {
			return f, err
		}
	}
	return f, nil
}

// store writes what a verb changed of a firm's file. Roster, refusals and
// reviews are counters with statements of their own.
func (s *Service) store(tx *storage.Tx, f row) error { return s.storeAll(tx, []*row{&f}) }

// attention orders the officer's list: what somebody waits for stands first.
func (f row) attention() int64 {
	a := int64(0)
	switch f.State {
	case Refused:
		a = 300
	case Returned:
		a = 200
	case Unfiled:
		a = 100
	case Certified:
	}
	if f.Reviews > 0 {
		a += 50
	}
	return a
}

// text is v as JSON, "" for a nil pointer.
func text[T any](v *T) string {
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	return string(b)
}

const certificateColumns = `select c.certificate, c.firm, c.code, c.credential, c.issued, c.until, c.ended, case when f.watch = 'suspended' then f.watched else 0 end
		from workresume_certificate c join workresume_firm f on f.firm = c.firm`

func (s *Service) loadCertificate(r storage.Reader, where, value string) (*Certificate, error) {
	c, err := scanCertificate(r.Row(certificateColumns+` where c.`+where+` = $1`, value))
	if storage.NoRows(err) {
		return nil, nil
	}
	return c, err
}

func scanCertificate(from interface{ Scan(...any) error }) (*Certificate, error) {
	var c Certificate
	var issued, until, ended, suspended int64
	if err := from.Scan(&c.ID, &c.Firm, &c.Code, &c.Text, &issued, &until, &ended, &suspended); err != nil {
		return nil, err
	}
	c.Issued, c.Until, c.Ended, c.Suspended = clock.FromMicros(issued), clock.FromMicros(until), instant(ended), instant(suspended)
	return &c, nil
}

// instant is FromMicros with 0 for the zero time.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}
