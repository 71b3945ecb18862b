package main

import (
	"fmt"

	"breakwater/internal/app"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/web/places"
)

type placeAdd struct {
	storeFlags
	Kind    string `arg:"" help:"park or gate." enum:"park,gate"`
	Name    string `arg:"" help:"The place's name."`
	English string `help:"The name in English." placeholder:"NAME"`
	In      string `help:"The park a gate lies in." placeholder:"ID"`
}

func (c placeAdd) Run(s *session) error {
	if c.Kind == "gate" && c.In == "" {
		return usageError{fmt.Errorf("a gate lies in a park: --in ID (see breakwater place list)")}
	}
	return s.withDistrict(c.config(), func(a *app.App) error {
		made, err := a.Places.Add(s.ctx, auth.Operator(), places.AddInput{Kind: c.Kind, Name: c.Name, NameEN: c.English, Parent: c.In}, once.Key{})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(s.out, made.ID)
		return err
	})
}

type placeList struct{ storeFlags }

func (c placeList) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		list, err := a.Places.List(s.ctx)
		if err != nil {
			return err
		}
		for _, park := range list {
			fmt.Fprintf(s.out, "park %s %s\n", park.ID, park.Name)
			for _, g := range park.Gates {
				fmt.Fprintf(s.out, "gate %s %s\n", g.ID, g.Name)
			}
		}
		return nil
	})
}
