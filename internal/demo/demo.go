// Package demo builds the believable district that demonstrations, tests and
// drills start from: the size of the zone this program was made for, with invented
// firms and people and codes that check.
//
// It refuses to name anything real: the district, its parks, firms and people do
// not exist, and its credit codes carry a region no register uses.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// Stage is the open program a district is built on.
type Stage struct {
	DB     *storage.DB
	Clock  clock.Clock
	Name   func(ctx context.Context, home place.Home) error // names the district; services are there afterwards
	Home   func() place.Home
	Resume func() *workresume.Service
	Ration func() *ration.Service
	People *party.Store
	Auth   func() *auth.Service
}

// Plan says how large, and which one.
type Plan struct {
	People   int   // workers on rosters
	Seed     int64 // the same seed and date make the same district
	Progress func(done, total int64)

	Room time.Duration // until the waiting room of the supplies opens; 0 is five minutes
}

// The founding article's zone: 13,000 firms, 140,000 workers.
const (
	fullFirms  = 13_000
	fullPeople = 140_000
	storied    = 20 // firms with every fact of their history
)

// Build fills an empty store.
func Build(ctx context.Context, st Stage, plan Plan) error {
	now := st.Clock()
	if err := st.Name(ctx, place.Home{
		Place: place.Place{Name: "潮生高新区", NameEN: "Tidewater High-tech Zone"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans", "en"},
	}); err != nil {
		return err
	}
	b := &builder{Stage: st, plan: plan, rnd: rand.New(rand.NewPCG(uint64(plan.Seed), 0x6272656b)), now: now}
	b.today = now.In(st.Home().Location())
	if err := b.places(ctx); err != nil {
		return err
	}
	if err := b.stories(ctx); err != nil {
		return err
	}
	if err := b.crowd(ctx); err != nil {
		return err
	}
	if err := b.history(ctx); err != nil {
		return err
	}
	if err := b.watched(ctx); err != nil {
		return err
	}
	if err := b.Resume().SeedGates(ctx, b.visits); err != nil { // last: nothing has to read them again
		return err
	}
	if err := b.staff(ctx); err != nil {
		return err
	}
	if err := b.residents(ctx); err != nil {
		return err
	}
	if err := b.supplies(ctx); err != nil {
		return err
	}
	return st.Resume().Recount(ctx)
}

type builder struct {
	Stage
	plan   Plan
	rnd    *rand.Rand
	now    time.Time
	today  time.Time // now in the district's zone
	parks  []place.Place
	gates  map[string][]string // ids, by park
	people int                 // made so far
	firms  int
	used   map[string]bool // firm names

	days     workresume.SeedDays
	readings []workresume.Reading
	visits   []workresume.SeedVisit
	held     []string     // whom two officers hold, or held
	double   party.Person // who was entered twice
}

// places are the district's streets, the parks in them, each with gates.
func (b *builder) places(ctx context.Context) error {
	return b.DB.Write(ctx, func(tx *storage.Tx) error {
		b.parks, b.gates = nil, map[string][]string{}
		var streets []place.Place
		for _, s := range streetNames {
			street, err := place.Add(tx, b.Home().ID, place.Street, s.zh, b.now, place.English(s.en))
			if err != nil {
				return err
			}
			streets = append(streets, street)
		}
		for i, p := range parkNames {
			park, err := place.Add(tx, streets[i%len(streets)].ID, place.Park, p.zh, b.now, place.English(p.en))
			if err != nil {
				return err
			}
			b.parks = append(b.parks, park)
			for _, g := range gateNames[:2+i%2] {
				gate, err := place.Add(tx, park.ID, place.Gate, p.zh+" "+g.zh, b.now, place.English(p.en+", "+g.en))
				if err != nil {
					return err
				}
				b.gates[park.ID] = append(b.gates[park.ID], gate.ID)
			}
		}
		return nil
	})
}

// staff are the accounts a visitor may take on; firms, workers and guards get
// theirs when somebody first asks.
func (b *builder) staff(ctx context.Context) error {
	var officer, second auth.Account
	if err := b.DB.Write(ctx, func(tx *storage.Tx) error {
		for _, a := range []struct {
			role auth.Role
			name string
		}{{auth.Officer, "审核员 7 号"}, {auth.SecondOfficer, "复核员 3 号"}, {auth.Auditor, "审计员 2 号"}, {auth.Commander, "值班长"}} {
			made, err := b.Auth().EnsureSeat(tx, auth.Operator().ID, auth.Seat{Role: a.role, Scope: auth.District(b.Home().ID), Name: a.name})
			if err != nil {
				return err
			}
			switch a.role {
			case auth.Officer:
				officer = made
			case auth.SecondOfficer:
				second = made
			case auth.Auditor, auth.Commander, auth.System, auth.Firm, auth.Guard, auth.Worker, auth.Resident:
			}
		}
		return nil
	}); err != nil {
		return err
	}
	as := func(a auth.Account) auth.Principal {
		return auth.Principal{ID: a.ID, Role: a.Role, Name: a.Name, Scope: a.Scope}
	}
	if err := b.decided(ctx, as(officer), as(second)); err != nil {
		return err
	}
	return b.Resume().SeedCases(ctx, as(officer))
}

// residents who are on no roster, and the number from which they are invented:
// beyond any worker's.
const residents, residentsFrom = 40, 12_000_000

// residents are people who live in the district and work on no roster. Their
// phones begin with 1991, as workers' do with 1990.
func (b *builder) residents(ctx context.Context) error {
	people := make([]party.Person, residents)
	for i := range people {
		people[i] = b.invent(residentsFrom + i)
		people[i].Phone = fmt.Sprintf("1991%07d", i+1)
	}
	sealed, err := b.People.Prepare(people, b.now)
	if err != nil {
		return err
	}
	return b.DB.Write(ctx, func(tx *storage.Tx) error {
		ids, _, err := b.People.EnsureAll(tx, sealed, b.now)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := b.Auth().EnsureSeat(tx, auth.Operator().ID, auth.Seat{Role: auth.Resident, Scope: auth.Person(id), Person: id}); err != nil {
				return err
			}
		}
		return nil
	})
}
