package workresume

import (
	"context"
	"fmt"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Comparison is a firm's promise beside what was measured.
type Comparison struct {
	Firm  Firm
	Lines []CompareLine // none while nothing has been read yet
	Flags []Flag        // gravest first
	AsOf  time.Time
	Stock *Stock // nil before the first report and filing

	Title   rule.Text // of the promise in force
	Version string
}

// CompareLine is one promise. What is not known is nil.
type CompareLine struct {
	Name     string // people_inside, people_today, strangers_today, supply_days, load_percent, reported_today, red_inside, asked_today
	Promised *int64
	Measured *int64
	Flag     *Flag // the gravest that speaks of it
}

// Stock is what a firm has in store, as it last said.
type Stock struct {
	Masks int64
	At    time.Time
}

// speaksOf are the rules of the program's own promise, by the line they speak of. A
// flag of another rule stands in the list of flags only.
var speaksOf = map[string]string{
	"heads-above": "people_inside", "heads-far-above": "people_inside", "strangers": "strangers_today",
	"supplies-out": "supply_days", "supplies-low": "supply_days", "no-load": "load_percent", "works-unfiled": "load_percent",
	"reports-low": "reported_today", "reports-hardly": "reported_today", "red-inside": "red_inside", "colours-at-entry": "asked_today",
}

// Compare is one firm's promise against facts.
//
// Faults: Denied, NotFound.
func (s *Service) Compare(ctx context.Context, by auth.Principal, firm string) (Comparison, error) {
	var c Comparison
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		f, err := s.permitFirm(r, by, MaySee, firm)
		if err != nil {
			return err
		}
		c = Comparison{Firm: f.Firm, AsOf: s.Clock()}
		if s.Promise != nil {
			c.Title, c.Version = s.promise().Title, s.promise().Version
		}
		c.Flags, err = flagsOf(r, f.ID)
		return err
	})
	if err != nil {
		return c, err
	}
	s.watch.mu.Lock()
	f := s.watch.watched.firms[firm]
	var m measured
	if f != nil {
		m = f.measured
	}
	s.watch.mu.Unlock()
	if f == nil {
		return c, nil
	}
	if m.filed {
		c.Stock = &Stock{m.masks, m.counted}
	}
	c.Lines = m.lines(c.AsOf)
	for i, g := range c.Flags {
		for n := range c.Lines {
			if line := &c.Lines[n]; speaksOf[g.Rule] == line.Name && line.Flag == nil {
				line.Flag = &c.Flags[i]
			}
		}
	}
	return c, nil
}

// flagsOf is what contradicts one firm's promise, gravest first.
func flagsOf(r storage.Reader, firm string) ([]Flag, error) {
	return storage.All(r, scanFlag, flagColumns+` from workresume_flag where firm = $1 order by level desc, began, rule`, firm)
}

// lines are the promises that can be measured.
func (m *measured) lines(now time.Time) []CompareLine {
	n := func(v int64) *int64 { return &v }
	var declared, supply, load, days, reported *int64
	if m.filed {
		declared, days = n(m.declared), n(1)
		if m.declared > 0 {
			supply = n(max(m.masks/m.declared-daysBetween(m.counted, now), 0))
		}
	}
	if p, ok := m.share(); ok {
		load = n(p)
	}
	if r, ok := m.reports(now); ok {
		reported = n(r)
	}
	return []CompareLine{
		{Name: "people_inside", Promised: declared, Measured: n(m.inside)},
		{Name: "people_today", Promised: n(m.roster), Measured: n(m.today)},
		{Name: "strangers_today", Promised: n(0), Measured: n(m.strangers)},
		{Name: "supply_days", Promised: days, Measured: supply},
		{Name: "load_percent", Promised: n(100), Measured: load},
		{Name: "reported_today", Promised: n(m.roster), Measured: reported},
		{Name: "red_inside", Promised: n(0), Measured: n(m.red)},
		{Name: "asked_today", Promised: n(0), Measured: n(m.asked)},
	}
}

// FlagFilter chooses from the officer's list. After is where the page before ended.
type FlagFilter struct {
	Level Watch // "" for all
	Rule  string
	Park  string
	After string
}

// FlagLine is one flag with its firm.
type FlagLine struct {
	Flag
	Name       string
	CreditCode string
	Park       string
	State      State
}

// Flags is one page of what contradicts the promises of firms, gravest first and
// newest first among these, and where the next begins.
//
// Faults: Denied, Malformed for a page mark that is not ours.
func (s *Service) Flags(ctx context.Context, by auth.Principal, q FlagFilter) (list []FlagLine, next string, err error) {
	if err := by.Permit(MayBrowse, Grants, by.Scope); err != nil {
		return nil, "", err
	}
	if by.Scope.Kind == auth.AtPark {
		q.Park = by.Scope.ID
	}
	conds, args := []string{"g.level >= 1"}, []any{}
	add := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		conds = append(conds, cond)
	}
	if q.Level != "" {
		add(`g.level = ?`, int64(q.Level.level()))
	}
	if q.Rule != "" {
		add(`g.rule = ?`, q.Rule)
	}
	if q.Park != "" {
		add(`f.park = ?`, q.Park)
	}
	if q.After != "" {
		var level, raised int64
		var firm, rule string
		if n, err := fmt.Sscanf(q.After, "%d.%d %s %s", &level, &raised, &firm, &rule); n != 4 || err != nil {
			return nil, "", fault.New(fault.Malformed, "workresume.page_mark")
		}
		add(`(g.level, g.raised, g.firm, g.rule) < (?, ?, ?, ?)`, level, raised, firm, rule)
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, func(rows *storage.Rows) (l FlagLine, err error) {
			var level, began, raised, gone int64
			var finding string
			if err := rows.Scan(&l.Firm, &l.Rule, &level, &began, &raised, &gone, &finding, &l.Version, &l.Name, &l.CreditCode, &l.Park, &l.State); err != nil {
				return l, err
			}
			l.Flag, err = flagOf(l.Firm, l.Rule, l.Version, level, began, raised, gone, finding)
			return l, err
		}, `select g.firm, g.rule, g.level, g.began, g.raised, g.gone, g.finding, g.version, f.name, f.credit_code, f.park, f.state
			from workresume_flag g join workresume_firm f on f.firm = g.firm where `+strings.Join(conds, " and ")+
			fmt.Sprintf(` order by g.level desc, g.raised desc, g.firm desc, g.rule desc limit %d`, PageSize+1), args...)
		return err
	})
	if len(list) > PageSize {
		list = list[:PageSize]
		last := list[PageSize-1]
		next = fmt.Sprintf("%d.%d %s %s", last.Level.level(), clock.Micros(last.Raised), last.Firm, last.Rule)
	}
	return list, next, err
}
