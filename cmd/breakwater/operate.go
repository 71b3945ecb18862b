package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
)

// withoutCancel lets what must be said be said after an interrupt.
func withoutCancel(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

type officerAdd struct {
	storeFlags
	Login    string `arg:"" help:"User name."`
	Name     string `help:"Name shown beside what the officer does." placeholder:"NAME"`
	Role     string `help:"officer, second_officer, guard, storekeeper, auditor or commander." default:"officer" enum:"officer,second_officer,guard,storekeeper,auditor,commander"`
	Scope    string `help:"Where, if not the whole district." placeholder:"KIND:ID"`
	Password string `help:"Password; without it one is made and printed." env:"BREAKWATER_PASSWORD" placeholder:"…"`
}

func (c officerAdd) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		scope := auth.District(a.Home.ID)
		if c.Scope != "" {
			var err error
			if scope, err = scopeOf(c.Scope); err != nil {
				return err
			}
		}
		if c.Name == "" {
			c.Name = c.Login
		}
		acc, password, err := a.AddStaff(s.ctx, auth.NewAccount{Login: c.Login, Name: c.Name, Role: auth.Role(c.Role), Scope: scope, Password: c.Password})
		if err != nil {
			return err
		}
		if c.Password == "" {
			fmt.Fprintln(s.err, s.printer().T("app.password_made"))
			_, err = fmt.Fprintf(s.out, "%s %s\n", acc.Login, password)
			return err
		}
		_, err = fmt.Fprintln(s.out, acc.Login)
		return err
	})
}

// scopeOf reads KIND:ID.
func scopeOf(text string) (auth.Scope, error) {
	kind, id, ok := strings.Cut(text, ":")
	if !ok || kind == "" || id == "" {
		return auth.Scope{}, usageError{fmt.Errorf("scope %q: KIND:ID, as in park:pla_…", text)}
	}
	return auth.Scope{Kind: kind, ID: id}, nil
}

type tokenCreate struct {
	storeFlags
	Role  string `help:"worker, resident, firm, guard, storekeeper, officer, auditor or commander." required:"" enum:"worker,resident,firm,guard,storekeeper,officer,auditor,commander"`
	Count int    `help:"How many, each of a different person." default:"1"`
	Scope string `help:"Inside this scope only." placeholder:"KIND:ID"`
}

func (c tokenCreate) Run(s *session) error {
	if c.Count < 1 || c.Count > 1_000_000 {
		return usageError{fmt.Errorf("--count %d: from 1 to 1000000", c.Count)}
	}
	return s.withDistrict(c.config(), func(a *app.App) error {
		var at auth.Scope
		if c.Scope != "" {
			var err error
			if at, err = scopeOf(c.Scope); err != nil {
				return err
			}
		}
		tokens, err := a.Auth.TokensFor(s.ctx, auth.Role(c.Role), c.Count, at)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.out, strings.Join(tokens, "\n")+"\n")
		return err
	})
}

type logVerify struct {
	storeFlags
	Checkpoint string `help:"A checkpoint kept elsewhere: the log must still hold it." placeholder:"FILE"`
	JSON       bool   `help:"Answer in JSON." name:"json"`
}

func (c logVerify) Run(s *session) error {
	var kept []byte
	if c.Checkpoint != "" {
		var err error
		if kept, err = os.ReadFile(s.path(c.Checkpoint)); err != nil {
			return err
		}
	}
	return s.withDistrict(c.config(), func(a *app.App) error {
		rep, err := a.Log.Verify(s.ctx, kept)
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(s.out).Encode(rep)
		} else if rep.OK {
			_, err = fmt.Fprintln(s.out, s.printer().T("command.log_verified", "facts", rep.Facts, "unsealed", rep.Unsealed))
		} else {
			_, err = fmt.Fprintln(s.out, s.printer().Fault(&fault.Error{Kind: fault.Conflict, Code: rep.Code, Args: rep.Args}))
		}
		if err == nil && !rep.OK {
			return errSaid
		}
		return err
	})
}

type logCheckpoint struct {
	storeFlags
	JSON bool `help:"Answer in JSON." name:"json"`
}

func (c logCheckpoint) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		note, err := a.Log.Checkpoint(s.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(s.out).Encode(map[string]string{"checkpoint": string(note), "key": a.Ring.LogVerifierKey(a.Log.Origin())})
		}
		_, err = s.out.Write(note)
		return err
	})
}

type migrateCommand struct{ storeFlags }

func (c migrateCommand) Run(s *session) error {
	return s.withApp(c.config(), func(a *app.App) error { // opening migrates
		_, err := fmt.Fprintln(s.out, s.printer().T("app.migrated"))
		return err
	})
}

type backupCommand struct {
	storeFlags
	File string `arg:"" help:"Archive to write; an existing file is not replaced."`
}

func (c backupCommand) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		bar := s.bar(s.printer().T("app.backing_up"))
		defer bar.end()
		if err := a.Backup(s.ctx, s.path(c.File), bar.at); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, s.printer().T("app.backup_done", "file", c.File))
		return err
	})
}

type restoreCommand struct {
	storeFlags
	File string `arg:"" help:"Archive made by backup."`
}

func (c restoreCommand) Run(s *session) error {
	if s.app != nil {
		return fault.New(fault.Conflict, "app.serving")
	}
	bar := s.bar(s.printer().T("app.restoring"))
	defer bar.end()
	if err := app.Restore(s.ctx, c.config(), s.path(c.File), bar.at); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, s.printer().T("app.restored"))
	return err
}
