package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/keys"
)

type keyList struct {
	storeFlags
	JSON bool `help:"The trust list, as others fetch it." name:"json"`
}

func (c keyList) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		if c.JSON {
			l, err := a.Keys.List()
			if err != nil {
				return err
			}
			e := json.NewEncoder(s.out)
			e.SetIndent("", "  ")
			return e.Encode(l)
		}
		p := s.printer()
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, k := range a.Ring.PublicKeys(a.Config.Clock()) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Short(), k.Algorithm, k.State, moment(k.From), moment(k.Until))
		}
		fmt.Fprintln(w, p.T("keys.from")+", "+p.T("keys.until")+": UTC")
		return w.Flush()
	})
}

// moment is a time for a column, or a dash.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

type keyRotate struct {
	storeFlags
	Purpose   string `help:"Which key." default:"credential" enum:"credential"`
	Reason    string `help:"Why; it stays in the log." required:""`
	In        string `help:"How long the key is listed before it signs, as in 24h." default:"24h" placeholder:"DURATION"`
	Lost      bool   `help:"The old keys are in strange hands: they end now, with all they signed."`
	Algorithm string `help:"es256 or sm2 (default: as configured)." placeholder:"es256|sm2"`
}

func (c keyRotate) Run(s *session) error {
	after, err := time.ParseDuration(c.In)
	if err != nil || after < time.Hour {
		return usageError{fmt.Errorf("--in %s: at least 1h, as in 24h", c.In)}
	}
	in := keys.TurnInput{Cause: keys.Planned, Algorithm: strings.ToUpper(c.Algorithm), Hours: int64(after.Hours()), Reason: c.Reason}
	if c.Lost {
		in.Cause, in.Hours = keys.Lost, 0
	}
	return s.withDistrict(c.config(), func(a *app.App) error {
		kid, err := a.Keys.Turn(s.ctx, auth.Operator(), in)
		if err != nil {
			return err
		}
		from := a.Config.Clock()
		for _, k := range a.Ring.PublicKeys(from) {
			if k.Short() == kid && k.From.After(from) {
				from = k.From
			}
		}
		_, err = fmt.Fprintln(s.out, s.printer().T("command.key_turned", "kid", kid, "from", moment(from)))
		return err
	})
}
