package workresume

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Streets is asked in which street each park lies.
type Streets interface {
	// Streets returns the street of each park; one that lies in none is left out.
	Streets(r storage.Reader) (map[string]string, error)
	// IsStreet reports whether id is a street of the district.
	IsStreet(r storage.Reader, id string) (bool, error)
}

// Picture is the board under a filter, from memory. A filter's park is the caller's
// own for who is bound to one.
//
// Faults: Denied; Invalid "day" for one that is not a past day of the last three
// weeks; NotFound for a day of which nothing is kept.
func (s *Service) Picture(ctx context.Context, by auth.Principal, q BoardFilter) (Picture, error) {
	if err := by.Permit(MayOversee, Grants, by.Scope); err != nil {
		return Picture{}, err
	}
	if by.Scope.Kind == auth.AtPark {
		q.Park, q.Street = by.Scope.ID, ""
	}
	c, err := s.now(ctx)
	if err != nil {
		return Picture{}, err
	}
	p, err := s.days(ctx)
	if err != nil {
		return Picture{}, err
	}
	out := Picture{Filter: q, AsOf: c.asOf, By: map[By][]Part{}}
	today := dayOf(c.asOf, s.Zone)
	cells := c.cells
	if q.Day != "" {
		day, err := time.ParseInLocation(time.DateOnly, q.Day, s.Zone)
		if err != nil || !day.Before(today) || today.Sub(day) > (boardDays+1)*24*time.Hour {
			return Picture{}, fault.New(fault.Invalid, "fault.fields").With("day", "workresume.board_day", "days", boardDays)
		}
		if cells = p.days[q.Day]; cells == nil {
			return Picture{}, fault.New(fault.NotFound, "workresume.board_no_day")
		}
		out.AsOf = day.AddDate(0, 0, 1)
	}
	parts := map[By]map[string]Figures{}
	for _, b := range Breakdowns {
		parts[b] = map[string]Figures{}
	}
	for g, f := range cells {
		if !q.holds(g, c.streets) {
			continue
		}
		out.Total = out.Total.Add(f)
		for _, b := range Breakdowns {
			k := b.of(g, c.streets)
			parts[b][k] = parts[b][k].Add(f)
		}
	}
	for b, list := range parts {
		out.By[b] = sorted(b, list)
	}
	for _, name := range p.names() {
		d := DayFigures{Day: name}
		for g, f := range p.days[name] {
			if q.holds(g, c.streets) {
				d.Figures = d.Figures.Add(f)
			}
		}
		out.Days = append(out.Days, d)
	}
	if q.Day == "" {
		out.Days = append(out.Days, DayFigures{today.Format(time.DateOnly), out.Total})
	}
	for g, n := range c.cases {
		if q.holds(g, c.streets) {
			out.Cases = out.Cases.Add(n)
		}
	}
	out.Turn = fmt.Sprintf("%x.%x.%x.%x", c.turn, p.turn, out.Cases.Open, out.Cases.Late)
	return out, nil
}

// sorted puts a breakdown in an order that does not change with its figures.
func sorted(b By, list map[string]Figures) []Part {
	out := make([]Part, 0, len(list))
	rank := func(key string) int {
		switch {
		case key == "":
			return 1000 // what is not known stands last
		case b == ByClass:
			return slices.Index(Classes[:], Class(key))
		case b == BySize:
			return slices.Index(Sizes[:], Size(key))
		}
		return 0
	}
	for _, k := range slices.Collect(maps.Keys(list)) {
		out = append(out, Part{k, list[k]})
	}
	slices.SortFunc(out, func(a, b Part) int {
		return cmp.Or(cmp.Compare(rank(a.Key), rank(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	return out
}
