package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/clock"
	"breakwater/internal/demo"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/place"
)

type serveCommand struct {
	storeFlags
	serveFlags
}

func (c serveCommand) Run(s *session) error {
	conf := c.config()
	if err := c.apply(s, &conf); err != nil {
		return err
	}
	return s.serve(conf, func(*app.App) error { return fault.New(fault.Conflict, "app.not_named") })
}

type demoCommand struct {
	storeFlags
	serveFlags
	People int           `help:"Workers of the district." default:"140000"`
	Seed   int64         `help:"Another seed makes another district." default:"1"`
	Room   time.Duration `help:"How long until its waiting room for supplies opens." default:"5m"`
	Ahead  time.Duration `help:"Let its clock run so far ahead: what does tomorrow look like?" placeholder:"24h"`
	Public bool          `help:"Allow an address beyond this machine: anyone can then be anybody."`
}

func (c demoCommand) Run(s *session) error {
	if c.Ahead < 0 || c.Ahead > 366*24*time.Hour {
		return usageError{fmt.Errorf("--ahead %s: from 0 to a year", c.Ahead)}
	}
	if c.People < 1 || c.People > 2_000_000 {
		return usageError{fmt.Errorf("--people %d: from 1 to 2000000", c.People)}
	}
	conf := c.config()
	if err := c.apply(s, &conf); err != nil {
		return err
	}
	conf.Demo, conf.Public = true, c.Public
	if c.Ahead > 0 {
		conf.Clock = func() time.Time { return clock.Wall().Add(c.Ahead) }
	}
	if s.app == nil {
		if err := app.ClearHalfDemo(conf); err != nil {
			return err
		}
	}
	return s.serve(conf, func(a *app.App) error {
		bar := s.bar(s.printer().T("app.building_demo"))
		defer bar.end()
		return a.MakeDemo(s.ctx, func() error {
			return demo.Build(s.ctx, a.DemoStage(), demo.Plan{People: c.People, Seed: c.Seed, Progress: bar.at, Room: c.Room})
		})
	})
}

// serve opens the store, fills an empty one by begin, and serves until stopped.
func (s *session) serve(conf app.Config, begin func(a *app.App) error) error {
	if s.app != nil {
		return fault.New(fault.Conflict, "app.serving")
	}
	ln, err := app.Listen(conf.Addr) // a port that is taken is said before a district is built
	if err != nil {
		return err
	}
	s.spendMemory()
	a, err := app.Open(s.ctx, conf)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer a.Close()
	if !a.Named() {
		if err := begin(a); err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	if conf.Demo && !a.IsDemo(s.ctx) {
		return errors.Join(fault.New(fault.Conflict, "app.not_demo", "folder", conf.Data), ln.Close())
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	return a.Serve(s.ctx, ln, version, door(a), func(url string) {
		fmt.Fprintf(s.out, "listening on %s\n", url)
		if conf.Demo {
			fmt.Fprintf(s.out, "try it at %s/demo\n", url)
		}
	})
}

type initCommand struct {
	storeFlags
	District string `help:"The district's name." required:"" placeholder:"NAME"`
	English  string `help:"The name in English." placeholder:"NAME"`
	Zone     string `help:"Time zone." default:"Asia/Shanghai"`
}

func (c initCommand) Run(s *session) error {
	return s.withApp(c.config(), func(a *app.App) error {
		if a.Named() {
			return fault.New(fault.Conflict, "app.named", "name", a.Home.Name)
		}
		home := place.Home{Place: place.Place{Name: c.District, NameEN: c.English}, Zone: c.Zone, Languages: []string{"zh-Hans", "en"}}
		if err := a.Name(s.ctx, home); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, s.printer().T("app.named_now", "name", a.Home.Name))
		return err
	})
}
