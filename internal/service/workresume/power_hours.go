package workresume

import (
	"slices"

	"breakwater/internal/storage"
)

// A meter may be read by the day and by the hour. What both tell of one day is the same
// energy twice, so one of them counts: the hours, which say more, in whichever order
// they come. The day's row stands again for nothing but days without hours.

// firmDay is one firm's day.
type firmDay struct {
	firm string
	day  int64
}

// ways are how a firm's day is read: by a row for the day, by hours.
type ways struct{ whole, hours bool }

// readBy notes how the days of some readings are told, by these and by the store.
func readBy(r storage.Reader, part []metered, codes map[string]string, days map[firmDay]ways) error {
	var firms []string
	first, last := int64(0), int64(0)
	for i, m := range part {
		firm := codes[m.code]
		if i == 0 {
			first, last = m.day, m.day
		}
		first, last = min(first, m.day), max(last, m.day)
		if firm == "" {
			continue
		}
		k := firmDay{firm, m.day}
		t := days[k]
		days[k] = ways{t.whole || m.hours == 24, t.hours || m.hours == 1}
		firms = append(firms, firm)
	}
	slices.Sort(firms)
	if firms = slices.Compact(firms); len(firms) == 0 {
		return nil
	}
	list, args := storage.In(3, firms)
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var k firmDay
		var hours int64
		err = rows.Scan(&k.firm, &k.day, &hours)
		if t, ours := days[k]; ours && err == nil {
			days[k] = ways{t.whole || hours == 24, t.hours || hours == 1}
		}
		return none, err
	}, `select distinct firm, day, hours from workresume_meter where day >= $1 and day <= $2 and firm in (`+list+`)`, append([]any{first, last}, args...)...)
	return err
}

// doubly counts the days that are told in both ways.
func doubly(days map[firmDay]ways) (n int64) {
	for _, t := range days {
		if t.whole && t.hours {
			n++
		}
	}
	return n
}
