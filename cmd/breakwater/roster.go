package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
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

	// A certificate this file brings about is signed with its public page's address.
	PublicURL string `help:"How people reach the program, as given to serve." name:"public-url" placeholder:"URL"`
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
	conf := c.config()
	conf.PublicURL = c.PublicURL
	err := s.withDistrict(conf, func(a *app.App) error {
		im, err := c.read(s, a)
		if err != nil {
			return err
		}
		return c.report(s, a, im)
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
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return workresume.Import{}, fault.New(fault.Invalid, "app.file_unreadable", "file", c.File, "why", syscall.EISDIR.Error())
	}
	if err := c.finish(s, a); err != nil {
		return workresume.Import{}, err
	}
	in := workresume.ImportInput{Name: filepath.Base(c.File), Body: file, DryRun: c.DryRun}
	if err := c.firm(s, a, &in); err != nil {
		return workresume.Import{}, err
	}
	im, err := a.Resume.StartImport(s.ctx, by, in)
	if err != nil {
		return im, err
	}
	return c.follow(s, a, im)
}

// finish reads the files left behind by a process that was killed; a server does
// that by itself when it starts.
func (c importRoster) finish(s *session, a *app.App) error {
	if s.app != nil {
		return nil
	}
	left, err := a.Resume.TakeUp(s.ctx)
	for _, im := range left {
		fmt.Fprintln(s.err, s.printer().T("command.import_taken_up", "name", im.Name, "rows", im.Rows))
	}
	return err
}

// firm finds the firm of --firm, and registers one the district does not know; a
// dry run registers nobody.
func (c importRoster) firm(s *session, a *app.App, in *workresume.ImportInput) error {
	if c.Firm == "" {
		return nil
	}
	code, err := ident.CreditCode(c.Firm)
	if err != nil {
		return err
	}
	f, err := a.Resume.FirmByCode(s.ctx, auth.Operator(), code)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		if c.DryRun {
			in.Newcomer = code
			return nil
		}
		f, err = a.Resume.Register(s.ctx, auth.Operator(), workresume.RegisterInput{CreditCode: code})
	}
	in.Firm = f.ID
	return err
}

// follow waits for the end of an import, showing how far it is. Interrupted by its
// user it stops the import and says what was done; when the server around it stops,
// the import is left as it is, to be taken up at the next start.
func (c importRoster) follow(s *session, a *app.App, im workresume.Import) (workresume.Import, error) {
	const look = 200 * time.Millisecond
	bar := s.bar(im.Name)
	defer bar.end()
	ctx, by := withoutCancel(s.ctx), auth.Operator()
	for im.State == workresume.ImportRunning {
		began := time.Now()
		a.Resume.Await(s.ctx, im.ID, look)
		if s.ctx.Err() != nil && !errors.Is(context.Cause(s.ctx), app.ErrStopping) {
			return a.Resume.CancelImport(ctx, by, im.ID)
		}
		early := time.Since(began) < look/2
		var err error
		if im, err = a.Resume.Import(ctx, by, im.ID); err != nil {
			return im, err
		}
		if early {
			break // nobody reads it any more
		}
		if !c.JSON {
			bar.at(im.Rows, im.Total)
		}
	}
	return im, nil
}

func (c importRoster) report(s *session, a *app.App, im workresume.Import) error {
	p := s.printer()
	if im.Refused != nil {
		reason := p.Fault(&fault.Error{Kind: fault.Invalid, Code: im.Refused.Code, Args: im.Refused.Args})
		if c.JSON {
			return s.refuse(im.Refused.Code, reason)
		}
		fmt.Fprintln(s.err, reason)
		return errSaid
	}
	if im.MoreFault {
		var err error
		if im.Errors, err = a.Resume.EveryError(withoutCancel(s.ctx), auth.Operator(), im.ID); err != nil {
			return err
		}
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
