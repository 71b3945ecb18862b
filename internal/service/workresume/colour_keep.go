package workresume

import (
	"encoding/json"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// colouredBody is the fact of another colour. It says why by the ids of the rules.
type colouredBody struct {
	Was         string   `json:"was"`
	Now         string   `json:"now"`
	Pack        string   `json:"pack"`
	Version     string   `json:"version"`
	Rules       []string `json:"rules"`
	Restriction string   `json:"restriction,omitempty"`
}

// recolour works out a person's colour after a fact and keeps it, the same for all of
// the person's records. It is called in the fact's own transaction, by reports, travel,
// the list of places, restrictions and records found to be of one person, and nothing
// else.
func (s *Service) recolour(tx *storage.Tx, by auth.Principal, person string) error {
	records, err := s.Parties.Same(tx, person)
	if err != nil {
		return err
	}
	pack, err := s.colours()
	if err != nil {
		return err
	}
	next := coloured{pack: pack}
	for _, x := range records {
		c, err := s.ownColour(tx, pack, x, records)
		if err != nil {
			return err
		}
		next.add(c)
	}
	for _, x := range records {
		if err := s.storeColour(tx, by, x.ID, next, len(records) > 1); err != nil {
			return err
		}
	}
	return nil
}

// coloured is a colour and what it comes from.
type coloured struct {
	colour
	restriction string
	pack        *rule.Pack
	decisions   []rule.Decision
}

// ownColour is what one record's reports, travel and restriction come to by themselves.
func (s *Service) ownColour(tx *storage.Tx, pack *rule.Pack, x party.Record, records []party.Record) (next coloured, err error) {
	days, err := s.daysOf(tx, x, records)
	if err != nil {
		return next, err
	}
	places, err := s.exposed(tx, x.ID)
	if err != nil {
		return next, err
	}
	own, d, event := judgeOwn(pack, days, places)
	if next.own = own; own != Green {
		next.ownEnds = clock.Micros((event + lookBack).Begin(s.Zone))
	}
	next.decisions = append(next.decisions, d)
	held, found, err := s.standingRestriction(tx, x.ID)
	if err != nil {
		return next, err
	}
	if found {
		next.held, d = judgeColour(pack, counters{}, held.Reason)
		next.heldEnds, next.restriction = clock.Micros(held.Until), held.ID
		next.decisions = append(next.decisions, d)
	}
	return next, nil
}

// storeColour keeps a colour for one record and records that it is another one. Of a
// person with several records each change is recorded, for whoever hears of this
// record only by its own facts.
func (s *Service) storeColour(tx *storage.Tx, by auth.Principal, person string, next coloured, several bool) error {
	now := s.Clock()
	was, _, err := storedColour(tx, person)
	if err != nil || next.colour == was {
		return err
	}
	before, _ := colourOf(was, now)
	after, _ := colourOf(next.colour, now)
	if _, err := tx.Exec(`insert into workresume_colour (person, own, own_ends, held, held_ends, restriction, changed)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (person) do update set own = excluded.own, own_ends = excluded.own_ends,
		held = excluded.held, held_ends = excluded.held_ends, restriction = excluded.restriction, changed = excluded.changed`,
		person, int64(next.own), next.ownEnds, int64(next.held), next.heldEnds, next.restriction, clock.Micros(now)); err != nil {
		return err
	}
	s.changed(tx, "", person)
	if err := s.markPerson(tx, person); err != nil {
		return err
	}
	if before == after && next.held == was.held && !several {
		return nil
	}
	body := colouredBody{Was: before.String(), Now: after.String(), Pack: next.pack.ID, Version: next.pack.Version, Rules: []string{}, Restriction: next.restriction}
	for _, d := range next.decisions {
		for _, f := range d.Findings {
			body.Rules = append(body.Rules, f.Rule)
		}
	}
	return s.recordPerson(tx, by, factColoured, party.Stream(person), person, body)
}

// dayReports are the standing reports of a person's last lookBack days, in order.
func (s *Service) dayReports(r storage.Reader, person string) ([]dayReport, error) {
	list, err := s.reports(r, person, lookBack)
	if err != nil {
		return nil, err
	}
	var out []dayReport
	for i := len(list) - 1; i >= 0; i-- { // newest first, corrections before what they correct
		d := dayReport{readDay(list[i].Day), list[i].said()}
		if n := len(out); n > 0 && out[n-1].day == d.day {
			out[n-1] = d
			continue
		}
		out = append(out, d)
	}
	return out, nil
}

func (x HealthReport) said() said { return said{x.Tenths, x.Symptoms, x.Contact} }

func (s *Service) today() casework.Day { return casework.DayOf(s.Clock(), s.Zone) }

// reports are those of a person's last days, newest first, with their history.
func (s *Service) reports(r storage.Reader, person string, days int) ([]HealthReport, error) {
	from := (s.today() - casework.Day(days) + 1).String()
	rows, err := storage.All(r, scanReport, reportColumns+` where person = $1 and day >= $2 order by day desc, turn desc limit 400`, person, from)
	if err != nil {
		return nil, err
	}
	return s.openReports(rows)
}

// reportOf is what stands of one day.
func (s *Service) reportOf(r storage.Reader, person, day string) (x HealthReport, found bool, err error) {
	rows, err := storage.All(r, scanReport, reportColumns+` where person = $1 and day = $2 order by turn desc limit 1`, person, day)
	if err != nil || len(rows) == 0 {
		return x, false, err
	}
	list, err := s.openReports(rows)
	if err != nil {
		return x, false, err
	}
	return list[0], true, nil
}

const reportColumns = `select report, day, turn, way, at, content, helper from workresume_report`

type sealedReport struct {
	HealthReport
	content []byte
}

func scanReport(rows *storage.Rows) (sealedReport, error) {
	var x sealedReport
	var at int64
	err := rows.Scan(&x.ID, &x.Day, &x.Turn, &x.Way, &at, &x.content, &x.helper)
	x.At = clock.FromMicros(at)
	return x, err
}

func (s *Service) openReports(rows []sealedReport) ([]HealthReport, error) {
	out := make([]HealthReport, len(rows))
	for i, x := range rows {
		plain, err := s.Ring.Open(x.content, []byte(x.ID))
		if err != nil {
			return nil, err
		}
		var v said
		if err := json.Unmarshal(plain, &v); err != nil {
			return nil, err
		}
		x.Tenths, x.Symptoms, x.Contact = v.Tenths, v.Symptoms, v.Contact
		out[i] = x.HealthReport
	}
	return out, nil
}

// nameHelpers fills in who reported for a person, masked.
func (s *Service) nameHelpers(r storage.Reader, list []HealthReport) error {
	var ids []string
	for _, x := range list {
		if x.helper != "" && !office(x.helper) {
			ids = append(ids, x.helper)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := s.Parties.Masked(r, ids...)
	for i := range list {
		list[i].Helper = names[list[i].helper].Name
	}
	return err
}
