package workresume

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Risk is one line of the list: a place, with everything in it, for some days.
type Risk struct {
	ID     string    `json:"id"`
	Place  string    `json:"place"`
	Level  string    `json:"level"` // "low", "medium" or "high"
	From   string    `json:"from"`
	Until  string    `json:"until"` // "" is still
	Source string    `json:"source"`
	Added  time.Time `json:"added"`
}

// RiskLine is one line as typed.
type RiskLine struct {
	Line   int    `json:"line"`
	Place  string `json:"place"`
	Level  string `json:"level"`
	From   string `json:"from"`
	Until  string `json:"until"`
	Source string `json:"source"`
	Unread string `json:"-"` // of a cell that the file's reader could not use, a code
}

// RiskFault is one line that was not taken, and why.
type RiskFault struct {
	Line int    `json:"line"`
	Code string `json:"code"`
}

// RiskInput adds lines. One that is there already changes nothing.
type RiskInput struct {
	Lines []RiskLine
	Key   once.Key
}

// RiskResult is what came of them.
type RiskResult struct {
	Taken     int64       `json:"taken"`
	Unchanged int64       `json:"unchanged"`
	Faults    []RiskFault `json:"faults"`
}

// RiskRun is how far a change of the list has been weighed for those it touches.
type RiskRun struct {
	Total  int64     `json:"total"`
	Done   int64     `json:"done"`
	Turned int64     `json:"turned"` // whose colour changed
	Ended  time.Time `json:"ended,omitzero"`
}

// riskLines is how many lines one act takes.
const riskLines = 500

const riskColumns = `select risk, place, level, from_day, until_day, source, added from workresume_risk`

func scanRisk(rows *storage.Rows) (x Risk, err error) {
	var added int64
	err = rows.Scan(&x.ID, &x.Place, &x.Level, &x.From, &x.Until, &x.Source, &added)
	x.Added = clock.FromMicros(added)
	return x, err
}

// Risks is the list as it stands, the newest first, and how far its latest change has
// been weighed. It is public: whoever turns yellow by it can read why.
func (s *Service) Risks(ctx context.Context) (list []Risk, run *RiskRun, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		run = nil
		if list, err = storage.All(r, scanRisk, riskColumns+` where ended = 0 order by risk desc limit 2000`); err != nil {
			return err
		}
		var x RiskRun
		var ended int64
		err = r.Row(`select total, done, turned, ended from workresume_risk_run order by run desc limit 1`).Scan(&x.Total, &x.Done, &x.Turned, &ended)
		if storage.NoRows(err) {
			return nil
		}
		x.Ended, run = instant(ended), &x
		return err
	})
	return list, run, err
}

// AddRisks puts lines on the list; good ones are taken, the others say what is wrong.
// One officer of the whole district is enough: a line makes at most yellow, names its
// source, is public, and is taken back by one act. Travellers are weighed again in
// the background.
//
// Faults: Invalid for none or too many, Denied.
func (s *Service) AddRisks(ctx context.Context, by auth.Principal, in RiskInput) (out RiskResult, err error) {
	if err := s.mayList(by, in.Lines); err != nil {
		return out, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, s.Clock(), func() (RiskResult, error) { return s.addRisks(tx, by, in.Lines) })
		return err
	})
	return out, err
}

func (s *Service) addRisks(tx *storage.Tx, by auth.Principal, lines []RiskLine) (out RiskResult, err error) {
	out.Faults = []RiskFault{}
	var plains []string
	for _, l := range lines {
		plain, code := l.check()
		if code != "" {
			out.Faults = append(out.Faults, RiskFault{l.Line, code})
			continue
		}
		now := s.Clock()
		n, err := tx.Exec(`insert into workresume_risk (risk, place, plain, level, from_day, until_day, source, account, added, ended)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) on conflict (plain, level, from_day, until_day, ended) do nothing`,
			ident.New("rsk", now), strings.TrimSpace(l.Place), plain, l.Level, l.From, l.Until, strings.TrimSpace(l.Source), by.ID, clock.Micros(now))
		if err != nil {
			return out, err
		}
		if n == 0 {
			out.Unchanged++
			continue
		}
		out.Taken++
		plains = append(plains, plain)
	}
	if len(plains) == 0 {
		return out, nil
	}
	return out, s.riskChanged(tx, by, plains, map[string]any{"added": lines})
}

// check is a line's plain name, or what is wrong with it.
func (l RiskLine) check() (plain, wrong string) {
	plain, ok := plainPlace(l.Place)
	from, until := readDay(l.From), readDay(l.Until)
	source := strings.TrimSpace(l.Source)
	switch {
	case l.Unread != "":
		return "", l.Unread
	case strings.ContainsFunc(strings.TrimSpace(l.Place)+source, unseen):
		return "", "workresume.risk_unseen"
	case !ok || len([]rune(l.Place)) > 80:
		return "", "workresume.place_province"
	case !slices.Contains([]string{"low", "medium", "high"}, l.Level):
		return "", "workresume.risk_level"
	case from == 0, l.Until != "" && (until == 0 || until < from):
		return "", "workresume.risk_days"
	case !reasoned(source, 4, 200):
		return "", "workresume.risk_source"
	}
	return plain, ""
}

// unseen is a sign that moves others about or is not drawn: on a public list a name
// could be read as another than the one compared.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// EndRisk takes a line off the list, as if it had never stood there: whoever was
// yellow by it alone is green again.
//
// Faults: Invalid for the reason, Denied, NotFound "workresume.risk_unknown".
func (s *Service) EndRisk(ctx context.Context, by auth.Principal, id, reason string, key once.Key) error {
	if err := by.Permit(MayRisk, Grants, auth.District(s.District)); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if !reasoned(reason, reasonLeast, reasonMost) {
		return fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", reasonLeast, "most", reasonMost)
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			var plain string
			err := tx.Row(`select plain from workresume_risk where risk = $1`, id).Scan(&plain)
			if storage.NoRows(err) {
				return "", fault.New(fault.NotFound, "workresume.risk_unknown")
			}
			if err != nil {
				return "", err
			}
			n, err := tx.Exec(`update workresume_risk set ended = $1 where risk = $2 and ended = 0`, clock.Micros(s.Clock()), id)
			if err != nil || n == 0 {
				return id, err
			}
			return id, s.riskChanged(tx, by, []string{plain}, map[string]any{"ended": id, "reason": reason})
		})
		return err
	})
}

// riskChanged records a change and asks for its weighing.
func (s *Service) riskChanged(tx *storage.Tx, by auth.Principal, plains []string, body map[string]any) error {
	now := s.Clock()
	text, err := json.Marshal(plains)
	if err != nil {
		return err
	}
	var total int64
	if err := tx.Row(`select count(*) from workresume_travel where last >= $1`, s.oldest()).Scan(&total); err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into workresume_risk_run (run, plains, reached, total, done, turned, began, ended) values ($1, $2, '', $3, 0, 0, $4, 0)`,
		ident.New("run", now), string(text), total, clock.Micros(now)); err != nil {
		return err
	}
	tx.OnCommit(func() {
		select {
		case s.riskWake <- struct{}{}:
		default:
		}
	})
	_, err = s.Log.Append(tx, eventlog.Fact{Stream: "risk:" + s.District, Name: "workresume." + factRiskChanged, Actor: by.ID, At: now, Body: body})
	return err
}

func (s *Service) oldest() string { return (s.today() - lookBack + 1).String() }

// weighPage is how many travellers one transaction looks at.
const weighPage = 200

// weigh looks again at the travellers that changes of the list touch, until none is
// left; what stood half done when the program stopped goes on.
func (s *Service) weigh(ctx context.Context) error {
	for more := true; more; {
		err := s.Store.WriteLow(ctx, func(tx *storage.Tx) (err error) {
			more, err = s.weighSome(tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) weighSome(tx *storage.Tx) (more bool, err error) {
	var run, text, reached string
	err = tx.Row(`select run, plains, reached from workresume_risk_run where ended = 0 order by run limit 1`).Scan(&run, &text, &reached)
	if storage.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var plains []string
	if err := json.Unmarshal([]byte(text), &plains); err != nil {
		return false, err
	}
	people, err := s.travellers(tx, reached)
	if err != nil {
		return false, err
	}
	var turned int64
	for _, x := range people {
		reached = x.id
		t, err := s.openTravel(x.id, x.sealed)
		if err != nil {
			return false, err
		}
		if !t.touches(plains) {
			continue
		}
		was, _, err := storedColour(tx, x.id)
		if err != nil {
			return false, err
		}
		if err := s.recolour(tx, auth.Operator(), x.id); err != nil {
			return false, err
		}
		is, _, err := storedColour(tx, x.id)
		if err != nil {
			return false, err
		}
		if was.own != is.own {
			turned++
		}
	}
	ended := int64(0)
	if len(people) < weighPage {
		ended = clock.Micros(s.Clock())
	}
	_, err = tx.Exec(`update workresume_risk_run set reached = $1, done = done + $2, turned = turned + $3, ended = $4 where run = $5`,
		reached, len(people), turned, ended, run)
	return true, err // the next page, or the next run
}

// touches is whether any of the places begins with one of these.
func (t Travel) touches(plains []string) bool {
	for _, v := range t.all() {
		plain, _ := plainPlace(v.Place)
		if slices.ContainsFunc(plains, func(p string) bool { return strings.HasPrefix(plain, p) }) {
			return true
		}
	}
	return false
}
