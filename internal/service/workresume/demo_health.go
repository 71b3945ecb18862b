package workresume

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// SeedReport is what one person of an invented firm said on one day.
type SeedReport struct {
	Person  int // of the firm's roster, in the order of joining
	At      time.Time
	Tenths  int64
	Ill     bool
	Contact bool
}

// seedReports is how many reports one transaction takes.
const seedReports = 1000

// SeedHealth enters an invented firm's health reports, sealed as everybody's and with one
// fact for a thousand, and gives whoever was ill or in contact the colour that follows by
// the same rules. It is for a firm that has none; it returns the people's ids, in the
// order of joining.
func (s *Service) SeedHealth(ctx context.Context, firm string, list []SeedReport) (people []string, err error) {
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		people, err = storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
			`select person from workresume_member where firm = $1 and departed = 0 order by person`, firm)
		return err
	}); err != nil {
		return nil, err
	}
	for part := range slices.Chunk(list, seedReports) {
		rows, err := s.seedReportRows(people, part)
		if err != nil {
			return nil, err
		}
		if err := s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
			if _, err := storage.ExecRows(tx, `insert into workresume_report (person, day, turn, report, content, way, account, at, helper) values `, 9, rows, ""); err != nil {
				return err
			}
			return s.record(tx, auth.Operator(), factSeeded, "demo", map[string]any{"reports": len(part)})
		}); err != nil {
			return nil, err
		}
	}
	return people, s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		for _, x := range list {
			if !x.Ill && !x.Contact {
				continue
			}
			if err := s.recolour(tx, auth.Operator(), people[x.Person]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) seedReportRows(people []string, list []SeedReport) ([]any, error) {
	rows := make([]any, 0, 9*len(list))
	for _, x := range list {
		if x.Person >= len(people) {
			return nil, fmt.Errorf("seed: nobody is number %d of %d", x.Person, len(people))
		}
		what := said{Tenths: x.Tenths, Contact: x.Contact}
		if x.Ill {
			what.Symptoms = []Symptom{"fever", "cough"}
		}
		plain, err := json.Marshal(what)
		if err != nil {
			return nil, err
		}
		id := ident.New("rep", x.At)
		sealed, err := s.Ring.Seal(plain, []byte(id))
		if err != nil {
			return nil, err
		}
		rows = append(rows, people[x.Person], x.At.In(s.Zone).Format(time.DateOnly), 1, id, sealed, string(ByOneself), "demo", clock.Micros(x.At), "")
	}
	return rows, nil
}
