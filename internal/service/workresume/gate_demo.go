package workresume

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// SeedVisit is one person of an invented firm at a gate today.
type SeedVisit struct {
	CreditCode string
	Person     int // of the firm's roster, in the order of joining
	Gate       string
	In, Out    time.Time // Out is zero while they are inside
	Stopped    bool      // turned away at In: the firm may not work
}

// seedChecks is how many checks one transaction takes.
const seedChecks = 1000

// seedCheck is one check of a visit.
type seedCheck struct {
	person string
	gate   Gate
	at     time.Time
	dir    Direction
	code   CheckCode
	counts int64
}

// SeedGates enters what the gates of a demonstration saw today, in the order of time:
// the checks, who is inside and how many, and one fact for each thousand. It is for an
// empty store; a visit of somebody who is not there is an error.
func (s *Service) SeedGates(ctx context.Context, visits []SeedVisit) error {
	var list []seedCheck
	inside := map[string]int64{}
	if err := s.Store.Export(ctx, func(r storage.Reader) (err error) {
		list, err = s.seedChecksOf(r, visits)
		return err
	}); err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b seedCheck) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.person, b.person)) })
	here := map[string]seedCheck{}
	for _, c := range list {
		inside[c.gate.Place] += c.counts
		if here[c.person] = c; c.counts != 1 {
			delete(here, c.person)
		}
	}
	for part := range slices.Chunk(list, seedChecks) {
		if err := s.Store.WriteLow(ctx, func(tx *storage.Tx) error { return s.seedPart(tx, part, here) }); err != nil {
			return err
		}
	}
	return s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		var rows []any
		for place, n := range inside {
			rows = append(rows, place, n)
		}
		_, err := storage.ExecRows(tx, `insert into workresume_inside (place, number) values `, 2, rows, ` on conflict (place) do update set number = excluded.number`)
		return err
	})
}

// seedPart stores some checks, and where those are who came in by them and stayed.
func (s *Service) seedPart(tx *storage.Tx, part []seedCheck, here map[string]seedCheck) error {
	var rows, stay []any
	for _, c := range part {
		rows = append(rows, ident.New("chk", c.at), aloud(), c.gate.ID, c.gate.Place, c.person, string(c.dir), bit(c.code == CheckOK), c.counts, string(c.code), "demo", clock.Micros(c.at), 0)
		if here[c.person] == c {
			stay = append(stay, c.person, c.gate.Place, clock.Micros(c.at))
		}
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_check
		(check_id, reference, gate, place, person, direction, admit, counted, code, account, at, undone) values `, 12, rows, ""); err != nil {
		return err
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_presence (person, place, since) values `, 3, stay, ""); err != nil {
		return err
	}
	return s.record(tx, auth.Operator(), factSeeded, "demo", map[string]any{"checks": len(part)})
}

// seedChecksOf finds whose visits they are, and at which gates.
func (s *Service) seedChecksOf(r storage.Reader, visits []SeedVisit) ([]seedCheck, error) {
	people, err := seedRosters(r)
	if err != nil {
		return nil, err
	}
	gates := map[string]Gate{}
	list := make([]seedCheck, 0, len(visits)+len(visits)/2)
	for _, v := range visits {
		g, known := gates[v.Gate]
		if !known {
			var err error
			if g, err = s.Places.Gate(r, v.Gate); err != nil {
				return nil, err
			}
			gates[v.Gate] = g
		}
		if v.Person >= len(people[v.CreditCode]) {
			return nil, fmt.Errorf("seed: %s has no person %d", v.CreditCode, v.Person)
		}
		c := seedCheck{people[v.CreditCode][v.Person], g, v.In, In, CheckOK, 1}
		if v.Stopped {
			c.code, c.counts = CheckStopped, 0
		}
		list = append(list, c)
		if !v.Out.IsZero() {
			c.at, c.dir, c.counts = v.Out, Out, -1
			list = append(list, c)
		}
	}
	return list, nil
}

// seedRosters is who is on each firm's roster, by its credit code and in the order of
// joining. Two plain reads and small sorts here cost half of what one sorted join does.
func seedRosters(r storage.Reader) (map[string][]string, error) {
	firms := map[string][]string{}
	if _, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var firm, person string
		err = rows.Scan(&firm, &person)
		firms[firm] = append(firms[firm], person)
		return none, err
	}, `select firm, person from workresume_member where departed = 0`); err != nil {
		return nil, err
	}
	out := make(map[string][]string, len(firms))
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var firm, code string
		err = rows.Scan(&firm, &code)
		slices.Sort(firms[firm])
		out[code] = firms[firm]
		return none, err
	}, `select firm, credit_code from workresume_firm`)
	return out, err
}
