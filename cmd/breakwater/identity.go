package main

import (
	"fmt"

	"breakwater/internal/app"
	"breakwater/internal/kernel/auth"
)

type officerLink struct {
	storeFlags
	Login   string `arg:"" help:"User name of the account."`
	Subject string `help:"What the provider calls the person: its page of refusal shows it." required:"" placeholder:"SUBJECT"`
	Issuer  string `help:"The provider; the one this district is configured with if left out." env:"BREAKWATER_OIDC_ISSUER" placeholder:"URL"`
}

func (c officerLink) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		who := auth.Identity{Issuer: c.Issuer, Subject: c.Subject}
		if who.Issuer == "" {
			who.Issuer = a.Config.OIDC.Issuer
		}
		if err := a.Auth.BindIdentity(s.ctx, auth.Operator(), c.Login, who); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, s.printer().T("app.identity_linked", "login", c.Login, "issuer", who.Issuer))
		return err
	})
}

type officerUnlink struct {
	storeFlags
	Login  string `arg:"" help:"User name of the account."`
	Reason string `help:"Why; it is kept with the fact." required:""`
}

func (c officerUnlink) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		if err := a.Auth.UnbindIdentity(s.ctx, auth.Operator(), c.Login, c.Reason); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, s.printer().T("app.identity_unlinked", "login", c.Login))
		return err
	})
}
