package main

import (
	"encoding/json"
	"fmt"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/ledger"
)

type ledgerAudit struct {
	storeFlags
	JSON bool `help:"Answer in JSON." name:"json"`
}

func (c ledgerAudit) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		rep, err := ledger.Audit(s.ctx, a.DB, a.Log)
		if err != nil {
			return err
		}
		p := s.printer()
		switch {
		case c.JSON:
			err = json.NewEncoder(s.out).Encode(rep)
		case !rep.OK:
			_, err = fmt.Fprintln(s.out, p.Fault(&fault.Error{Kind: fault.Conflict, Code: rep.Code, Args: rep.Args}))
		case rep.Books == 0:
			_, err = fmt.Fprintln(s.out, p.T("command.ledger_empty"))
		default:
			_, err = fmt.Fprintln(s.out, p.T("command.ledger_sound", "transfers", rep.Transfers, "batches", rep.Batches, "books", rep.Books, "open", rep.Open))
			for _, u := range rep.Units {
				fmt.Fprintln(s.out, " ", p.T("command.ledger_unit", "unit", unitWords(p, u.Unit), "came", -u.Outside, "inside", u.Inside, "held", u.Held))
			}
		}
		if err == nil && !rep.OK {
			return errSaid
		}
		return err
	})
}

// unitWords is a unit of the ledger as people say it, or the unit itself where a service
// has not named it.
func unitWords(p *i18n.Printer, unit string) string {
	if key := "command.unit_" + unit; p.Has(key) {
		return p.T(key)
	}
	return unit
}
