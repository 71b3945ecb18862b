package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"breakwater/internal/drill"
)

type drillList struct {
	JSON bool `help:"Answer in JSON." name:"json"`
}

// Run lists the scenarios that come with the program.
func (c drillList) Run(s *session) error {
	known, err := drill.Scenarios()
	if err != nil {
		return err
	}
	lang := string(s.printer().Lang())
	if c.JSON {
		list := []drill.Scenario{}
		for _, name := range drill.Names(known) {
			list = append(list, known[name])
		}
		return json.NewEncoder(s.out).Encode(list)
	}
	for _, name := range drill.Names(known) {
		fmt.Fprintf(s.out, "%-22s %s\n", name, known[name].Title[lang])
	}
	return nil
}

type drillRun struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, as drill list shows them, or files of your own; all that come with the program if none."`
	Workers   int      `help:"Workers of the district built for it." default:"140000" placeholder:"N"`
	People    int      `help:"How many of them take part." default:"100000" placeholder:"N"`
	Short     bool     `help:"Short acts; with few --workers it is a rehearsal of seconds. Speed is not judged."`
	Work      string   `help:"Folder for that district, some GB, removed afterwards (default: that for temporary files)." type:"path" placeholder:"DIR"`
	Database  string   `help:"PostgreSQL to rehearse in, in a schema made for it and dropped; nothing else there is touched." env:"-" placeholder:"postgres://…"`
	Report    string   `help:"Write the printable report here as well, in Markdown." placeholder:"FILE"`
	JSON      bool     `help:"Answer in JSON, a line for each scenario." name:"json"`
}

// Run rehearses with this very program on a district built for it: no store of
// the operator's is touched.
func (c drillRun) Run(s *session) error {
	if c.Workers < 100 || c.Workers > 2_000_000 || c.People < 100 || c.People > 200_000 {
		return usageError{errors.New("--workers from 100 to 2000000, --people from 100 to 200000")}
	}
	play, err := c.scenarios(s)
	if err != nil {
		return err
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
	list, err := drill.Stage{
		Bin: bin, Dir: dir, Database: c.Database, Demo: c.Workers, People: min(c.People, c.Workers), Short: c.Short, Log: s.err,
	}.Run(s.ctx, play...)
	if e := c.tell(s, play, list); err == nil {
		err = e
	}
	if err == nil && slices.ContainsFunc(list, func(o drill.Outcome) bool { return !o.Passed() }) {
		return errSaid
	}
	return err
}

// scenarios are those that were named, or all.
func (c drillRun) scenarios(s *session) (play []drill.Scenario, err error) {
	known, err := drill.Scenarios()
	if err != nil {
		return nil, err
	}
	names := c.Scenarios
	if len(names) == 0 {
		names = drill.Names(known)
	}
	for _, name := range names {
		one, ok := known[name]
		if !ok {
			if one, err = s.scenario(name); err != nil {
				return nil, err
			}
		}
		play = append(play, one)
	}
	return play, nil
}

// scenario is one of the operator's own, from a file.
func (s *session) scenario(name string) (drill.Scenario, error) {
	text, err := os.ReadFile(s.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return drill.Scenario{}, usageError{fmt.Errorf("%s: neither a scenario that comes with the program (drill list) nor a file", name)}
	case err != nil:
		return drill.Scenario{}, err
	}
	one, err := drill.ReadScenario(text)
	if err != nil {
		return one, usageError{fmt.Errorf("%s: %w", name, err)}
	}
	return one, nil
}

// tell prints what came of each scenario, and writes the report to be kept.
func (c drillRun) tell(s *session, play []drill.Scenario, list []drill.Outcome) (err error) {
	p := s.printer()
	var report *os.File
	if c.Report != "" && len(list) > 0 {
		if report, err = os.Create(s.path(c.Report)); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, report.Close()) }()
	}
	for i := range list {
		o := &list[i]
		if c.JSON {
			err = json.NewEncoder(s.out).Encode(o)
		} else {
			err = o.Print(s.out, play[i], string(p.Lang()), p)
		}
		if err == nil && report != nil {
			err = o.Print(report, play[i], string(p.Lang()), p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
