package workresume

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// ReportInput is today's report. The zero one besides Key says: nothing new today.
type ReportInput struct {
	Tenths   int64 // of a degree Celsius; 0 is not measured
	Symptoms []Symptom
	Contact  bool // with a case, since the last report
	Key      once.Key
}

// reportsMost is how many reports of one day a person makes at most, and paper as many;
// helpedMost is how many each helper makes for them. Nobody's are counted with
// another's: a helper must not be able to close the person's own door.
const reportsMost, helpedMost = 20, 5

// ReportHealth takes today's report. A further one of the same day corrects it, and
// the earlier stays as history; the same again changes nothing. What it does to the
// colour is in the answer.
//
// Faults: Invalid, Denied, NotFound; Conflict "workresume.reports_most".
func (s *Service) ReportHealth(ctx context.Context, by auth.Principal, in ReportInput) (Health, error) {
	x, err := saidOf(in)
	if err != nil {
		return Health{}, err
	}
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return Health{}, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			return s.report(tx, by, by.Person, reporting{day: s.today(), way: ByOneself}, x)
		})
		return err
	})
	if err != nil {
		return Health{}, err
	}
	return s.HealthOf(ctx, by)
}

// saidOf is what an input says, in order and once each.
func saidOf(in ReportInput) (said, error) {
	x := said{in.Tenths, slices.Compact(slices.Sorted(slices.Values(in.Symptoms))), in.Contact}
	return x, x.valid()
}

// reporting is of which day a report is and by whose hand it came.
type reporting struct {
	day    casework.Day
	way    ReportWay
	helper string // as in workresume_help, "" for one's own
}

// report stores one report and lets the colour follow.
func (s *Service) report(tx *storage.Tx, by auth.Principal, person string, how reporting, x said) (string, error) {
	id, changed, err := s.keepReport(tx, by, person, how, x)
	if err != nil || !changed {
		return id, err
	}
	return id, s.recolour(tx, by, person)
}

// keepReport stores one report; the same again changes nothing.
func (s *Service) keepReport(tx *storage.Tx, by auth.Principal, person string, how reporting, x said) (id string, changed bool, err error) {
	now, day := s.Clock(), how.day.String()
	before, found, err := s.reportOf(tx, person, day)
	if err != nil {
		return "", false, err
	}
	var turn int64
	if found {
		turn = before.Turn
		// Before the two are compared: else a helper could find out by trying what was said.
		if how.way == ByHelper && before.Way == ByOneself {
			return "", false, fault.New(fault.Conflict, "workresume.helped_own")
		}
		if before.said().same(x) {
			return before.ID, false, nil
		}
		if err := mayCorrect(tx, person, how); err != nil {
			return "", false, err
		}
	}
	id = ident.New("rep", now)
	plain, err := json.Marshal(x)
	if err != nil {
		return "", false, err
	}
	sealed, err := s.Ring.Seal(plain, []byte(id))
	if err != nil {
		return "", false, err
	}
	n, err := tx.Exec(`insert into workresume_report (person, day, turn, report, content, way, account, at, helper)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (person, day, turn) do nothing`,
		person, day, turn+1, id, sealed, string(how.way), by.ID, clock.Micros(now), how.helper)
	if err != nil {
		return "", false, err
	}
	if n == 0 { // the same person's other device was quicker
		return "", false, fault.New(fault.Conflict, "workresume.reported_meanwhile")
	}
	if err := s.recordPerson(tx, by, factReported, party.Stream(person), person, reportedBody{id, day, turn + 1, how.way, how.helper}); err != nil {
		return "", false, err
	}
	return id, true, nil
}

// mayCorrect asks how many reports of the day came by this hand already.
func mayCorrect(r storage.Reader, person string, how reporting) error {
	var n int64 // at most reportsMost, found by the day
	err := r.Row(`select count(*) from workresume_report where person = $1 and day = $2 and way = $3 and helper = $4`,
		person, how.day.String(), string(how.way), how.helper).Scan(&n)
	switch {
	case err != nil:
		return err
	case how.way == ByHelper && n >= helpedMost:
		return fault.New(fault.Conflict, "workresume.helped_most", "most", helpedMost)
	case n >= reportsMost:
		return fault.New(fault.Conflict, "workresume.reports_most", "most", reportsMost)
	}
	return nil
}

func (x said) same(y said) bool {
	return x.Tenths == y.Tenths && x.Contact == y.Contact && slices.Equal(x.Symptoms, y.Symptoms)
}

// reportedBody is the fact of a report; what was said stays with the report.
type reportedBody struct {
	Report string    `json:"report"`
	Day    string    `json:"day"`
	Turn   int64     `json:"turn"`
	Way    ReportWay `json:"way"`
	Helper string    `json:"helper,omitempty"`
}

// Health is what a person sees of themselves: the colour, why, until when, and what
// changes it; today's report and the two weeks before; and who decided what.
type Health struct {
	Person      string         `json:"-"`
	Name        string         `json:"name"` // masked
	Day         string         `json:"day"`
	Level       Level          `json:"-"`
	Ends        time.Time      `json:"ends,omitzero"`        // when it lapses by itself
	Turns       string         `json:"turns"`                // the day it can turn green by clean reports; "" if nothing is to turn
	Counters    []Counter      `json:"counters"`             // what runs until the colour turns
	Run         int64          `json:"clean_days"`           // in a row, up to the last report
	Reported    bool           `json:"reported_today"`       //
	Reminded    time.Time      `json:"reminded_at,omitzero"` // today, by the firm; zero once there is a report
	Findings    []rule.Finding `json:"findings"`
	Elsewhere   bool           `json:"from_other_record"` // some of that is of another record found to be the person's
	Reports     []HealthReport `json:"reports"`           // of 14 days, newest first, with what was corrected
	Travelled   bool           `json:"travelled"`         // said where they came from
	Restriction *Restriction   `json:"restriction,omitempty"`
	Past        []Restriction  `json:"past"` // restrictions that ended
}

// shownDays is how far back a person sees their own reports.
const shownDays = 14

// HealthOf is one's own health page, and nobody else's: see ReportHelped and ReadHealth.
//
// Faults: Denied.
func (s *Service) HealthOf(ctx context.Context, by auth.Principal) (h Health, err error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return h, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		h, err = s.health(r, by.Person)
		return err
	})
	return h, err
}

func (s *Service) health(r storage.Reader, person string) (h Health, err error) {
	now, today := s.Clock(), s.today()
	h = Health{Person: person, Day: today.String(), Findings: []rule.Finding{}, Past: []Restriction{}, Counters: []Counter{}}
	names, err := s.Parties.Masked(r, person)
	if err != nil {
		return h, err
	}
	h.Name = names[person].Name
	if h.Reports, err = s.reports(r, person, shownDays); err != nil {
		return h, err
	}
	if err := s.nameHelpers(r, h.Reports); err != nil {
		return h, err
	}
	h.Reported = len(h.Reports) > 0 && h.Reports[0].Day == h.Day
	if !h.Reported {
		if h.Reminded, err = s.reminded(r, person); err != nil {
			return h, err
		}
	}
	if _, h.Travelled, err = s.travel(r, person); err != nil {
		return h, err
	}
	c, _, err := storedColour(r, person)
	if err != nil {
		return h, err
	}
	h.Level, h.Ends = colourOf(c, now)
	records, err := s.Parties.Same(r, person)
	if err != nil {
		return h, err
	}
	yellow := c.own != Green && now.UnixMicro() < c.ownEnds
	for _, x := range records {
		if err := s.explainOwn(r, &h, x, records, yellow, today); err != nil {
			return h, err
		}
	}
	pack, err := s.colours()
	if err != nil {
		return h, err
	}
	if h.Past, err = s.restrictions(r, person); err != nil {
		return h, err
	}
	i := gravest(h.Past, now)
	if i < 0 {
		return h, nil
	}
	h.Elsewhere = h.Elsewhere || h.Past[i].Person != person
	_, d := judgeColour(pack, counters{}, h.Past[i].Reason)
	h.Findings = append(d.Findings, h.Findings...)
	if len(d.Findings) > 0 {
		h.Counters = append([]Counter{timed(h.Past[i], d.Findings[0].Rule, now, s.Zone)}, h.Counters...)
	}
	h.Restriction, h.Past = &h.Past[i], slices.Delete(slices.Clone(h.Past), i, i+1)
	return h, nil
}

// turns is the earliest day on which clean reports turn the colour green.
func turns(d rule.Decision, last, today casework.Day) string {
	var left int64
	for _, f := range d.Findings {
		if n, ok := f.Amounts["left"].(int64); ok {
			left = max(left, n)
		}
	}
	if left == 0 {
		return ""
	}
	from := last
	if today > last+1 {
		from = today - 1
	}
	return (from + casework.Day(left)).String()
}
