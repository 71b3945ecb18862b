package main

import (
	"encoding/json"
	"fmt"
	"os"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
)

type logConsistency struct {
	storeFlags
	Old  string `arg:"" help:"A checkpoint kept elsewhere, as a file."`
	New  string `arg:"" optional:"" help:"A later one (default: the latest)."`
	JSON bool   `help:"Answer in JSON, proof included." name:"json"`
}

// consistencyAnswer is the answer in JSON; a log that was rewritten has its reason
// and no proof.
type consistencyAnswer struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason"`
	Key    string `json:"key"` // the log's public key, as signed notes write it
	*eventlog.Consistency
}

func (c logConsistency) Run(s *session) error {
	older, err := os.ReadFile(s.path(c.Old))
	if err != nil {
		return err
	}
	var newer []byte
	if c.New != "" {
		if newer, err = os.ReadFile(s.path(c.New)); err != nil {
			return err
		}
	}
	return s.withDistrict(c.config(), func(a *app.App) error {
		if newer == nil { // what was recorded up to now is covered
			if newer, err = a.Log.Checkpoint(s.ctx); err != nil {
				return err
			}
		}
		p, err := a.Log.Between(s.ctx, older, newer)
		out := consistencyAnswer{OK: err == nil, Key: a.Ring.LogVerifierKey(a.Log.Origin()), Consistency: &p}
		if err != nil {
			if f := fault.As(err); f.Kind != fault.Invalid && f.Kind != fault.NotFound {
				return err
			}
			out.Reason, out.Consistency = s.printer().Fault(err), nil
		}
		switch {
		case c.JSON:
			if err := json.NewEncoder(s.out).Encode(out); err != nil {
				return err
			}
		case out.OK:
			fmt.Fprintln(s.out, s.printer().T("command.log_consistent", "from", p.From, "to", p.To, "n", len(p.Hashes)))
		default:
			fmt.Fprintln(s.out, out.Reason)
		}
		if !out.OK {
			return errSaid
		}
		return nil
	})
}
