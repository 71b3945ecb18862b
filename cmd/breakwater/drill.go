package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"breakwater/internal/drill"
)

type drillCommand struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, as --list shows them, or files of your own; all that come with the program if none."`
	List      bool     `help:"List the scenarios that come with the program."`
	Workers   int      `help:"Workers of the district built for it." default:"140000" placeholder:"N"`
	People    int      `help:"How many of them show their codes." default:"100000" placeholder:"N"`
	Short     bool     `help:"Each act's short time."`
	Work      string   `help:"Folder for that district, some GB, removed afterwards (default: that for temporary files)." type:"path" placeholder:"DIR"`
	JSON      bool     `help:"Answer in JSON." name:"json"`
}

// Run rehearses with this very program on a district built for it: no store of
// the operator's is touched.
func (c drillCommand) Run(s *session) error {
	if c.Workers < 100 || c.Workers > 2_000_000 || c.People < 100 {
		return usageError{errors.New("--workers from 100 to 2000000, --people at least 100")}
	}
	known, err := drill.Scenarios()
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(known))
	if c.List {
		for _, name := range names {
			fmt.Fprintf(s.out, "%-16s %s\n", name, known[name].Title[string(s.printer().Lang())])
		}
		return nil
	}
	if len(c.Scenarios) == 0 {
		c.Scenarios = slices.DeleteFunc(names, func(name string) bool { return name == "smoke" })
	}
	var play []drill.Scenario
	for _, name := range c.Scenarios {
		one, ok := known[name]
		if !ok {
			if one, err = s.scenario(name); err != nil {
				return err
			}
		}
		play = append(play, one)
	}
	bin, err := os.Executable()
	if err != nil {
		return err
	}
	dir, remove, err := drill.Temporary(c.Work)
	if err != nil {
		return err
	}
	defer remove()
	rep, err := drill.Stage{Bin: bin, Dir: dir, Demo: c.Workers, People: c.People, Short: c.Short, Log: s.err}.Rehearse(s.ctx, play...)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(rep)
	} else {
		err = s.drilled(rep)
	}
	if err == nil && !rep.Passed() {
		return errSaid
	}
	return err
}

// scenario is one of the operator's own, from a file.
func (s *session) scenario(name string) (drill.Scenario, error) {
	text, err := os.ReadFile(s.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return drill.Scenario{}, usageError{fmt.Errorf("%s: neither a scenario that comes with the program (--list) nor a file", name)}
	case err != nil:
		return drill.Scenario{}, err
	}
	one, err := drill.ReadScenario(text)
	if err != nil {
		return one, usageError{fmt.Errorf("%s: %w", name, err)}
	}
	return one, nil
}

// drilled prints a report as a table: an act a line, the verdict last.
func (s *session) drilled(rep drill.Report) error {
	p := s.printer()
	fmt.Fprintln(s.out, p.T("command.drill_bears", "host", rep.Host, "people", rep.People, "shell", int64(rep.Shell), "first", int64(rep.FirstShow), "capacity", int64(rep.Capacity)))
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(p.T("command.drill_head"), " | ", "\t"))
	words := map[string]string{drill.Passed: p.T("command.drill_passed"), drill.Failed: p.T("command.drill_failed"), drill.Skipped: p.T("command.drill_skipped")}
	for _, x := range rep.Rows {
		verdict := words[x.Verdict]
		if len(x.Why) > 0 {
			verdict += ": " + strings.Join(x.Why, "; ")
		}
		calm := "-"
		if x.Recovery != nil {
			calm = fmt.Sprintf("%.1f s", *x.Recovery)
		}
		fmt.Fprintf(w, "%s, %s\t%.0f/s\t%.0f/s\t%.1f ms\t%d\t%d\t%d\t%s\t%d\t%s\n",
			x.Scenario, x.Act, x.Offered, x.Goodput, x.P99, x.Errors, x.Refused, x.GivenUp, calm, x.Lost, verdict)
	}
	return w.Flush()
}
