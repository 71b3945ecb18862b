package workresume

import (
	"fmt"
	"strconv"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// toldMost is how many of one kind are told, the newest.
const toldMost = 1000

// Tell lists what the service keeps about a person, opened for that person alone: the
// roster they are or were on and what it says, their travel, colour and restrictions, who
// helps whom, and where a gate counts them. Who of staff looked is not in it; see privacy.
func (s *Service) Tell(r storage.Reader, person, _ string) ([]party.Told, error) {
	return each(r, person, s.tellMember, s.tellTravel, s.tellColour, s.tellRestrictions, s.tellHelp, s.tellPresence)
}

func each(r storage.Reader, person string, tellers ...func(storage.Reader, string) ([]party.Told, error)) (out []party.Told, err error) {
	for _, tell := range tellers {
		list, err := tell(r, person)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// TellAll adds what is long or has to be looked for at length, for the file somebody takes
// along: reports, reminders, codes, rosters that asked for them, and the checks at gates
// of the last thirty days, which are looked for among everybody's.
func (s *Service) TellAll(r storage.Reader, person, lang string) ([]party.Told, error) {
	out, err := s.Tell(r, person, lang)
	if err != nil {
		return nil, err
	}
	more, err := each(r, person, s.tellReviews, s.tellReports, s.tellReminders, s.tellPasses)
	if err != nil {
		return nil, err
	}
	out = append(out, more...)
	checks, err := storage.All(r, func(rows *storage.Rows) (t party.Told, err error) {
		var gate, direction, code string
		var admit, at, undone int64
		if err = rows.Scan(&gate, &direction, &admit, &code, &at, &undone); err != nil {
			return t, err
		}
		found := "workresume.gate_" + code
		if undone > 0 {
			found = "workresume.gate_undone"
		}
		t = toldOf("check", at, "gate", gate)
		t.Values = append(t.Values, saying("direction", "workresume.told_"+direction), saying("found", found))
		return t, nil
	}, `select gate, direction, admit, code, at, undone from workresume_check where at >= $1 and person = $2 order by at desc limit $3`,
		clock.Micros(s.Clock().AddDate(0, 0, -30)), person, toldMost)
	if err != nil {
		return nil, err
	}
	for i := range checks {
		if g, err := s.Places.Gate(r, checks[i].Values[0].Text); err == nil { // else its id: the gate is gone
			checks[i].Values[0].Text = g.Name
		}
	}
	return append(out, checks...), nil
}

// toldOf is one thing with its values, pairs of a name and a text; what is "" is left out.
func toldOf(what string, at int64, pairs ...string) party.Told {
	t := party.Told{What: "workresume.told_" + what, At: clock.FromMicros(at), Values: []party.ToldValue{}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			t.Values = append(t.Values, party.ToldValue{Name: "workresume.told_" + pairs[i], Text: pairs[i+1]})
		}
	}
	return t
}

func saying(name, key string) party.ToldValue {
	return party.ToldValue{Name: "workresume.told_" + name, Say: key}
}

// moment is a time as its person reads it; "" for none.
func (s *Service) moment(us int64) string {
	if us == 0 {
		return ""
	}
	return clock.FromMicros(us).In(s.Zone).Format("2006-01-02 15:04")
}

// detailed adds what a roster says of somebody.
func (s *Service) detailed(r storage.Reader, t *party.Told, firm string, sealed []byte) error {
	f, err := s.Parties.Organisation(r, firm)
	if err != nil {
		return err
	}
	d, err := s.openDetails(sealed)
	t.Values = append(toldOf("", 0, "firm", f.Name, "staff_number", d.Number, "department", d.Department, "post", d.Post, "native", d.NativePlace,
		"address", d.Address, "return_date", d.ReturnDate, "origin", d.Origin, "places", d.Places14).Values, t.Values...)
	return err
}

func (s *Service) tellMember(r storage.Reader, person string) (out []party.Told, err error) {
	return s.tellRoster(r, `select firm, joined, departed, details, '', '' from workresume_member where person = $1`, person, "member")
}

// tellReviews are the rosters that asked for somebody who stood on another.
func (s *Service) tellReviews(r storage.Reader, person string) (out []party.Told, err error) {
	return s.tellRoster(r, `select firm, found, settled, details, note, reason from workresume_review where person = $1 order by found desc limit 1000`, person, "review")
}

func (s *Service) tellRoster(r storage.Reader, text, person, what string) (out []party.Told, err error) {
	type row struct {
		firm, note, reason string
		since, until       int64
		details            []byte
	}
	rows, err := storage.All(r, func(rows *storage.Rows) (x row, err error) {
		return x, rows.Scan(&x.firm, &x.since, &x.until, &x.details, &x.note, &x.reason)
	}, text, person)
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		t := toldOf(what, x.since, "until", s.moment(x.until), "note", x.note, "why", x.reason)
		if err := s.detailed(r, &t, x.firm, x.details); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (s *Service) tellReports(r storage.Reader, person string) (out []party.Told, err error) {
	rows, err := storage.All(r, scanReport, reportColumns+` where person = $1 order by day desc, turn desc limit $2`, person, toldMost)
	if err != nil {
		return nil, err
	}
	list, err := s.openReports(rows)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		t := toldOf("report", clock.Micros(x.At), "day", x.Day)
		if x.Tenths > 0 {
			t.Values = append(t.Values, toldOf("", 0, "temperature", fmt.Sprintf("%d.%d °C", x.Tenths/10, x.Tenths%10)).Values...)
		}
		for _, y := range x.Symptoms {
			t.Values = append(t.Values, saying("symptom", "workresume.symptom."+string(y)))
		}
		t.Values = append(t.Values, saying("contact", "workresume.told_"+yesNo(x.Contact)), saying("way", "workresume.told_way_"+string(x.Way)))
		out = append(out, t)
	}
	return out, nil
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (s *Service) tellTravel(r storage.Reader, person string) ([]party.Told, error) {
	var sealed []byte
	var at int64
	err := r.Row(`select content, at from workresume_travel where person = $1`, person).Scan(&sealed, &at)
	if storage.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	x, err := s.openTravel(person, sealed)
	if err != nil {
		return nil, err
	}
	visits := make([]string, len(x.Visits))
	for i, v := range x.Visits {
		visits[i] = v.Place + " " + v.From + " – " + v.Until
	}
	return []party.Told{toldOf("travel", at, "origin", x.Origin, "arrived", x.Arrived, "route", x.Route, "lodging", x.Lodging, "places", strings.Join(visits, "; "))}, nil
}

func (s *Service) tellColour(r storage.Reader, person string) ([]party.Told, error) {
	var own, held, changed int64
	err := r.Row(`select own, held, changed from workresume_colour where person = $1`, person).Scan(&own, &held, &changed)
	if storage.NoRows(err) {
		return nil, nil
	}
	t := toldOf("colour", changed)
	t.Values = append(t.Values, saying("level", "workresume.level."+Level(max(own, held)).String()))
	return []party.Told{t}, err
}

func (s *Service) tellRestrictions(r storage.Reader, person string) (out []party.Told, err error) {
	list, err := storage.All(r, s.scanRestriction, restrictionColumns+` where person = $1 order by restriction desc limit $2`, person, toldMost)
	for _, x := range list {
		t := toldOf("restriction", clock.Micros(x.Since), "until", s.moment(clock.Micros(x.Until)), "note", x.Note, "why", x.Why)
		if !x.Ended.IsZero() {
			t.Values = append(t.Values, toldOf("", 0, "ended", s.moment(clock.Micros(x.Ended))).Values...)
		}
		t.Values = append(t.Values, saying("level", "workresume.level."+x.Level))
		out = append(out, t)
	}
	return out, err
}

func (s *Service) tellReminders(r storage.Reader, person string) ([]party.Told, error) {
	return storage.All(r, func(rows *storage.Rows) (t party.Told, err error) {
		var day string
		var times, at int64
		err = rows.Scan(&day, &times, &at)
		return toldOf("reminder", at, "day", day, "times", strconv.FormatInt(times, 10)), err
	}, `select day, times, at from workresume_reminder where person = $1 order by day desc limit $2`, person, toldMost)
}

// tellHelp tells both sides of who reports for whom; others are masked.
func (s *Service) tellHelp(r storage.Reader, person string) ([]party.Told, error) {
	type row struct {
		what, other  string
		since, ended int64
	}
	rows, err := storage.All(r, func(rows *storage.Rows) (x row, err error) {
		return x, rows.Scan(&x.what, &x.other, &x.since, &x.ended)
	}, `select 'helper', helper, since, ended from workresume_help where helped = $1
		union all select 'helped', helped, since, ended from workresume_help where helper = $1 order by 3 desc`, person)
	out := make([]party.Told, 0, len(rows))
	for _, x := range rows {
		t := toldOf(x.what, x.since, "until", s.moment(x.ended))
		if !office(x.other) {
			names, err := s.Parties.Masked(r, x.other)
			if err != nil {
				return nil, err
			}
			t.Values = append(t.Values, toldOf("", 0, "name", names[x.other].Name).Values...)
		}
		out = append(out, t)
	}
	return out, err
}

func (s *Service) tellPasses(r storage.Reader, person string) ([]party.Told, error) {
	return storage.All(r, func(rows *storage.Rows) (t party.Told, err error) {
		var code string
		var printed, issued, until int64
		err = rows.Scan(&code, &printed, &issued, &until)
		what := "code"
		if printed != 0 {
			what = "code_printed"
		}
		return toldOf(what, issued, "short", code, "until", s.moment(until)), err
	}, `select short_code, printed, issued, until from workresume_pass where person = $1 order by issued desc limit $2`, person, toldMost)
}

// tellPresence is the last check at a gate that counted somebody, and whether it counts
// them inside.
func (s *Service) tellPresence(r storage.Reader, person string) ([]party.Told, error) {
	return storage.All(r, func(rows *storage.Rows) (t party.Told, err error) {
		var place string
		var since int64
		err = rows.Scan(&place, &since)
		t = toldOf("presence", since)
		t.Values = append(t.Values, saying("inside", "workresume.told_"+yesNo(place != "")))
		return t, err
	}, `select place, since from workresume_presence where person = $1`, person)
}
