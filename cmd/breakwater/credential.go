package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
)

type credentialVerify struct {
	storeFlags
	Text   string    `arg:"" help:"The code's text, or - for standard input."`
	Trust  string    `help:"Keys to trust: a trust list (JSON), a PEM file or a folder of them (default: the store's own)." placeholder:"FILE|DIR"`
	Status string    `help:"A signed status list (default: the store's own)." placeholder:"FILE"`
	At     time.Time `help:"The moment to check for (default: now)." format:"2006-01-02T15:04:05Z07:00" placeholder:"RFC3339"`
	JSON   bool      `help:"Answer in JSON." name:"json"`
}

func (c credentialVerify) Run(s *session) error {
	text, err := s.text(c.Text)
	if err != nil {
		return err
	}
	if c.At.IsZero() {
		c.At = time.Now()
	}
	if c.Trust != "" {
		trust, err := credential.LoadTrust(s.path(c.Trust))
		if err != nil {
			return err
		}
		return c.check(s, text, trust, nil)
	}
	conf := c.config()
	if err := conf.Check(); err != nil {
		return err
	}
	if s.app == nil && !conf.Exists() { // nobody is trusted yet, which is an answer too
		return c.check(s, text, nil, nil)
	}
	return s.withApp(conf, func(a *app.App) error {
		if !a.Named() {
			return c.check(s, text, a.Trust, nil)
		}
		status, err := a.Status.Checker(s.ctx)
		if err != nil {
			return err
		}
		return c.check(s, text, a.Trust, status)
	})
}

// check verifies, asking the list in a file rather than another where one is given.
func (c credentialVerify) check(s *session, text string, trust *credential.Trust, status credential.StatusChecker) error {
	if c.Status != "" {
		list, err := statuslist.Load(s.path(c.Status), trust, c.At)
		if err != nil {
			return err
		}
		status = list.At(c.At)
	}
	return c.answer(s, credential.Verify(text, trust, c.At, status))
}

func (c credentialVerify) answer(s *session, r credential.Result) error {
	if c.JSON {
		if err := json.NewEncoder(s.out).Encode(r); err != nil {
			return err
		}
	} else {
		p := s.printer()
		if r.Valid {
			fmt.Fprintln(s.out, p.T("command.credential_valid"))
			if r.Status == credential.Stale || r.Status == credential.NotChecked {
				fmt.Fprintln(s.out, p.T("verify.status_"+string(r.Status)))
			}
		} else {
			fmt.Fprintln(s.out, p.T("command.credential_not_valid", "reason", p.T(r.Reason)))
		}
		if r.Claims != nil {
			if err := pretty(s.out, r.Claims); err != nil {
				return err
			}
		}
	}
	if !r.Valid {
		return errSaid
	}
	return nil
}

type credentialInspect struct {
	Text  string `arg:"" help:"The code's text, or - for standard input."`
	Trust string `hidden:""`
	At    string `hidden:""`
	JSON  bool   `help:"Answer in JSON." name:"json"`
	storeFlags
}

func (c credentialInspect) Run(s *session) error {
	text, err := s.text(c.Text)
	if err != nil {
		return err
	}
	in := credential.Inspect(text)
	if c.JSON {
		return json.NewEncoder(s.out).Encode(in)
	}
	return pretty(s.out, in)
}

// text is the argument, or standard input for "-".
func (s *session) text(arg string) (string, error) {
	if arg != "-" {
		return strings.TrimSpace(arg), nil
	}
	b, err := s.stdin()
	return strings.TrimSpace(string(b)), err
}

func pretty(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
