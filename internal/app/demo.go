package app

import (
	"context"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// demoTokenLife is how long a program may act for a demonstration's role.
const demoTokenLife = 24 * time.Hour

// cast gives a demonstration's visitor the account of a role: the first seat of
// that role, and as the firm the worker's own, whatever became of it since. So the
// worker, the firm and the gate belong together, and a role is the same each time.
type cast struct{ *App }

// Begin signs a browser in.
func (c cast) Begin(ctx context.Context, role auth.Role, from auth.Client) (auth.Session, error) {
	a, err := c.account(ctx, role)
	if err != nil {
		return auth.Session{}, err
	}
	return c.Auth.Begin(ctx, a.ID, from)
}

// Token makes a token for a program.
func (c cast) Token(ctx context.Context, role auth.Role) (string, auth.Principal, error) {
	a, err := c.account(ctx, role)
	if err != nil {
		return "", auth.Principal{}, err
	}
	by := auth.Operator()
	by.Demo = true
	text, err := c.Auth.CreateToken(ctx, by, a.ID, "demo", c.Config.Clock().Add(demoTokenLife))
	if err != nil {
		return "", auth.Principal{}, err
	}
	p, err := c.Auth.Authenticate(ctx, text, "")
	return text, p, err
}

func (c cast) account(ctx context.Context, role auth.Role) (auth.Account, error) {
	seats, err := c.seats(ctx, role)
	if err != nil {
		return auth.Account{}, err
	}
	if len(seats) == 0 {
		return auth.Account{}, fault.New(fault.NotFound, "demoweb.nobody")
	}
	var a auth.Account
	err = c.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		a, err = c.Auth.EnsureSeat(tx, auth.Operator().ID, seats[0])
		return err
	})
	return a, err
}

// seats are the one seat of a role, or none. Firms are listed by their state,
// which changes; a worker's place on a roster stays.
func (c cast) seats(ctx context.Context, role auth.Role) ([]auth.Seat, error) {
	if role == auth.Resident {
		list, _, err := c.Auth.Accounts(ctx, auth.Operator(), role, "", 1)
		var out []auth.Seat
		for _, a := range list {
			out = append(out, auth.Seat{Role: role, Scope: a.Scope, Person: a.Person})
		}
		return out, err
	}
	if role != auth.Firm {
		return answers(c).Seats(ctx, role, auth.Scope{}, 1)
	}
	var out []auth.Seat
	err := c.DB.Read(ctx, func(r storage.Reader) error {
		out = nil
		people, err := c.Resume.People(r, auth.Scope{}, 1)
		if err != nil || len(people) == 0 {
			return err
		}
		firms, err := c.Resume.FirmOf(r, people[0])
		for _, f := range firms {
			out = append(out, auth.Seat{Role: role, Scope: auth.OfFirm(f.ID), Name: f.Name})
		}
		return err
	})
	if err != nil || len(out) > 0 {
		return out, err
	}
	return answers(c).Seats(ctx, role, auth.Scope{}, 1) // nobody is on a roster yet
}
