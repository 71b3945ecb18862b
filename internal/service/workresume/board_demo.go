package workresume

import (
	"context"
	"maps"
	"slices"

	"breakwater/internal/storage"
)

// SeedDay is one past day of one invented firm, as the day's end would have counted it.
type SeedDay struct {
	Day       string // 2006-01-02
	Park      string
	Filing    *Filing // nil: had not filed by then
	State     State
	Suspended bool
	Roster    int64
	Came      int64
}

// SeedDays gathers the past days of a demonstration's firms, group by group.
type SeedDays struct{ days map[string]map[group]Figures }

// Add counts one firm's day.
func (h *SeedDays) Add(d SeedDay) {
	t := tally{state: d.State, roster: d.Roster, group: group{park: d.Park}}
	if d.Suspended {
		t.watch = Suspended
	}
	if d.Filing != nil {
		t.filed, t.declared, t.group.class, t.group.industry = true, d.Filing.Declared, d.Filing.Class, d.Filing.Industry
	}
	t.group.size = sizeOf(max(t.declared, t.roster))
	f := t.figures(nil, measures{at: t.since})
	f.Came = d.Came
	if h.days == nil {
		h.days = map[string]map[group]Figures{}
	}
	if h.days[d.Day] == nil {
		h.days[d.Day] = map[group]Figures{}
	}
	h.days[d.Day][t.group] = h.days[d.Day][t.group].Add(f)
}

// SeedHistory keeps the past days of a demonstration. It is for an empty store.
func (s *Service) SeedHistory(ctx context.Context, h *SeedDays) error {
	return s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		for _, day := range slices.Sorted(maps.Keys(h.days)) {
			if err := storeDay(tx, day, h.days[day]); err != nil {
				return err
			}
		}
		return nil
	})
}
