package ration

import (
	"context"
	"slices"

	"breakwater/internal/storage"
)

// since is the first day whose win keeps somebody out of a draw.
func (a Again) since(d Day) Day {
	switch {
	case a.Never:
		return 0
	case a.Week:
		return d / 7 * 7
	}
	return d - Day(a.Days) + 1
}

// mayWin leaves out whoever won too lately to win in a draw of that day: they would not
// be in its list, and are told so instead of being let hope. Of a firm the others enter.
//
// Faults: Conflict "ration.had_days", "ration.had_once", "ration.had_week" if nobody is left.
func (s *Service) mayWin(ctx context.Context, c *opened, day Day, whose []string) (may []string, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		may = may[:0]
		for part := range slices.Chunk(whose, entriesMost) {
			list, args := storage.In(3, part)
			won, err := storage.All(r, scanText, `select holder from ration_won where campaign = $1 and day >= $2 and holder in (`+list+`)`,
				append([]any{c.ID, int64(c.Again.since(day))}, args...)...)
			if err != nil {
				return err
			}
			for _, h := range part {
				if !slices.Contains(won, h) {
					may = append(may, h)
				}
			}
		}
		return nil
	})
	if err == nil && len(may) == 0 && len(whose) > 0 {
		err = s.secondShare(c, day)
	}
	return may, err
}
