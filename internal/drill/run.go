package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"breakwater/internal/storage"
)

// Run plays scenarios one after the other, each on a district of its own, and says what
// came of each. An error is a rehearsal that could not be held, and names the file with
// what the program said; what the program did not bear is in its Outcome.
func (s Stage) Run(ctx context.Context, scenarios ...Scenario) (list []Outcome, err error) {
	if s.Log == nil {
		s.Log = io.Discard
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	for i, sc := range scenarios {
		one := s
		if one.Dir = filepath.Join(s.Dir, fmt.Sprintf("%d", i+1)); len(scenarios) > 1 {
			s.say("%s (%d of %d)", sc.Name, i+1, len(scenarios))
		}
		if err := os.MkdirAll(one.Dir, 0o700); err != nil {
			return list, err
		}
		out, err := one.play(ctx, sc)
		if err != nil {
			return list, s.keep(one.program().Log(), sc.Name, err)
		}
		if !out.Passed() {
			s.say("%s", s.keep(one.program().Log(), sc.Name, errors.New("not passed")))
		}
		list = append(list, out)
		if err := os.RemoveAll(one.Dir); err != nil {
			return list, err
		}
	}
	return list, nil
}

// play holds one scenario, in a schema of its own where it is PostgreSQL.
func (s Stage) play(ctx context.Context, sc Scenario) (out Outcome, err error) {
	out = Outcome{Scenario: sc.Name, Host: host(), Short: s.Short, Engine: "sqlite", Goals: []Goal{}, Acts: []Row{}}
	if s.Database != "" {
		out.Engine = "postgres"
		var drop func() error
		if s.Database, drop, err = storage.OwnSchema(ctx, s.Database, "drill"); err != nil {
			return out, err
		}
		defer func() { err = errors.Join(err, drop()) }()
	}
	switch sc.Play {
	case Crowd:
		err = s.rehearseRush(ctx, sc, &out)
	case Firms:
		err = s.rehearseLots(ctx, sc, &out)
	default:
		var rep Report
		rep, err = s.Rehearse(ctx, sc)
		out.morning(&rep)
	}
	out.At = time.Now()
	return out, err
}

// morning takes a morning's report over: each act's promise is a goal.
func (o *Outcome) morning(rep *Report) {
	o.People, o.Capacity, o.Facts, o.Acts, o.Odd = rep.People, rep.Capacity, rep.Facts, rep.Rows, rep.Odd
	for _, x := range rep.Rows {
		if x.Verdict == Skipped {
			o.goal(x.Act, "played", false, Passed, "%s", x.Why[0])
			continue
		}
		o.Errors += x.Errors
		o.Lost, o.Duplicated = max(o.Lost, x.Lost), max(o.Duplicated, x.Duplicated) // one count for all acts
		for _, g := range x.goals {
			o.Goals = append(o.Goals, g)
			if o.Short && g.timed {
				o.Goals[len(o.Goals)-1].Verdict = Unjudged
			}
		}
		o.figures(x)
	}
	o.none("lost", o.Lost)
	o.none("duplicated", o.Duplicated)
	o.goal("", "told", rep.Checks > 0 && rep.Facts >= rep.Checks, fmt.Sprintf("≥ %d", rep.Checks), "%d", rep.Facts)
	o.close()
}

// keep moves what the program said out of the folder that is removed, and tells where.
func (s Stage) keep(log, name string, why error) error {
	text, err := os.ReadFile(log)
	if err != nil || len(text) == 0 {
		return why
	}
	to, err := os.CreateTemp("", "breakwater-drill-"+name+"-*.log")
	if err != nil {
		return why
	}
	_, err = to.Write(text)
	if errors.Join(err, to.Close()) != nil {
		return why
	}
	return fmt.Errorf("%w; what the program said is in %s", why, to.Name())
}

// Names are the scenarios that are played where none is named, in their order.
func Names(all map[string]Scenario) (list []string) {
	for name := range all {
		if name != "smoke" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
