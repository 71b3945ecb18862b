package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

// path is a file named on the command line, wherever the command is carried out.
func (s *session) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.cwd, name)
}

type importRoster struct {
	storeFlags
	File   string `arg:"" help:"Workbook (.xlsx) or table (.csv)."`
	Firm   string `help:"Credit code of the firm; without it each row names its own." placeholder:"CREDITCODE"`
	DryRun bool   `help:"Say what would happen, change nothing."`
	JSON   bool   `help:"Answer in JSON." name:"json"`
}

// importReport is the answer of import roster --json.
type importReport struct {
	Rows      int64       `json:"rows"`
	Accepted  int64       `json:"accepted"`
	Rejected  int64       `json:"rejected"`
	Unchanged int64       `json:"unchanged"`
	Review    int64       `json:"review"`
	Errors    []cellFault `json:"errors"`
}

type cellFault struct {
	Row    int64  `json:"row"`
	Column string `json:"column"`
	Code   string `json:"code"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func (c importRoster) Run(s *session) error {
	err := s.withDistrict(c.config(), func(a *app.App) error {
		im, err := c.read(s, a)
		if err != nil {
			return err
		}
		return c.report(s, im)
	})
	if f := fault.As(err); c.JSON && err != nil && f.Kind != fault.Internal {
		return s.refuse(f.Code, s.printer().Fault(err))
	}
	return err
}

func (c importRoster) read(s *session, a *app.App) (workresume.Import, error) {
	by := auth.Operator()
	file, err := os.Open(s.path(c.File))
	if err != nil {
		return workresume.Import{}, fault.Wrap(err, fault.NotFound, "app.file_unreadable", "file", c.File, "why", err.Error())
	}
	defer file.Close()
	in := workresume.ImportInput{Name: filepath.Base(c.File), Body: file, DryRun: c.DryRun}
	if c.Firm != "" {
		f, err := a.Resume.Register(s.ctx, by, workresume.RegisterInput{CreditCode: c.Firm})
		if err != nil {
			return workresume.Import{}, err
		}
		in.Firm = f.ID
	}
	im, err := a.Resume.StartImport(s.ctx, by, in)
	if err != nil {
		return im, err
	}
	bar := s.bar(im.Name)
	defer bar.end()
	for im.State == workresume.ImportRunning {
		a.Resume.Await(s.ctx, im.ID, 200*time.Millisecond)
		if s.ctx.Err() != nil { // interrupted: say what was done
			return a.Resume.CancelImport(withoutCancel(s.ctx), by, im.ID)
		}
		if im, err = a.Resume.Import(s.ctx, by, im.ID); err != nil {
			return im, err
		}
		if !c.JSON {
			bar.at(im.Rows, im.Total)
		}
	}
	return im, nil
}

func (c importRoster) report(s *session, im workresume.Import) error {
	p := s.printer()
	if im.Refused != nil {
		reason := p.Fault(&fault.Error{Kind: fault.Invalid, Code: im.Refused.Code, Args: im.Refused.Args})
		if c.JSON {
			return s.refuse(im.Refused.Code, reason)
		}
		fmt.Fprintln(s.err, reason)
		return errSaid
	}
	r := importReport{im.Rows, im.Accepted, im.Rejected, im.Unchanged, im.Review, []cellFault{}}
	for _, e := range im.Errors {
		r.Errors = append(r.Errors, cellFault{e.Row, e.Column, e.Code, e.Value, p.Field(fault.Field{Code: e.Code, Args: e.Args})})
	}
	if c.JSON {
		if err := json.NewEncoder(s.out).Encode(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(s.out, p.T("workresume.import_counts", "rows", r.Rows, "accepted", r.Accepted, "rejected", r.Rejected, "unchanged", r.Unchanged, "review", r.Review))
		for _, e := range r.Errors {
			fmt.Fprintln(s.out, p.T("workresume.import_line", "row", e.Row, "column", e.Column, "value", e.Value, "reason", e.Reason))
		}
	}
	switch im.State {
	case workresume.ImportDone:
		return nil
	case workresume.ImportCancelled:
		return fault.New(fault.Conflict, "workresume.import_cancelled")
	}
	return fault.New(fault.Unavailable, "workresume.import_interrupted")
}

// refuse prints a whole-file refusal as JSON.
func (s *session) refuse(code, reason string) error {
	if err := json.NewEncoder(s.out).Encode(map[string]any{"refused": map[string]string{"code": code, "reason": reason}}); err != nil {
		return err
	}
	return errSaid
}
