package main

import (
	"fmt"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

type personErase struct {
	storeFlags
	ID     string `help:"The person's id." placeholder:"per_…" xor:"who" required:""`
	Number string `help:"The full ID number instead, or - to read it from standard input." placeholder:"NUMBER" xor:"who" required:""`
	Kind   string `help:"What the number is of." default:"mainland" placeholder:"KIND"`
	Joined bool   `help:"Erase all records that were found to be this person's; without it they are named and nothing is erased."`
	Reason string `help:"Why; it stands in the log for good, so name nobody in it." required:""`
}

func (c personErase) Run(s *session) error {
	number, err := s.text(c.Number)
	if err != nil {
		return err
	}
	return s.withDistrict(c.config(), func(a *app.App) error {
		id := c.ID
		if id == "" {
			if err := a.DB.Read(s.ctx, func(r storage.Reader) error {
				found, known, err := a.Parties.FindNumber(r, c.Kind, number)
				if err == nil && !known {
					err = fault.New(fault.NotFound, "privacy.nobody")
				}
				id = found
				return err
			}); err != nil {
				return err
			}
		}
		erased, err := a.Privacy.ErasePerson(s.ctx, auth.Operator(), id, c.Reason, c.Joined)
		if err != nil {
			return err
		}
		for _, x := range erased {
			if _, err := fmt.Fprintln(s.out, s.printer().T("privacy.erased_now", "person", x)); err != nil {
				return err
			}
		}
		return nil
	})
}
