package workresume

import (
	"context"
	"iter"
	"time"

	"breakwater/internal/storage"
)

// count counts the people of firms afresh.
func (w *watcher) count(firms iter.Seq[*watched]) {
	those := map[*watched]bool{}
	for f := range firms {
		those[f] = true
		f.inside, f.today, f.turned, f.asked, f.red, f.reported = 0, 0, 0, 0, 0, 0
	}
	for _, a := range w.watched.people {
		if those[a.firm] {
			a.firm.add(a, 1)
		}
	}
}

// add counts a person's day in, or out again.
func (f *watched) add(a attendance, n int64) {
	if a.inside {
		f.inside += n
		if a.red {
			f.red += n
		}
	}
	if a.reported {
		f.reported += n
	}
	if a.asked > 0 {
		f.asked += n
	}
	if a.entered > 0 {
		f.today += n
	}
	if a.sent > 0 {
		f.turned += n
	}
}

// takeSights moves people by what was seen at gates and said of their health.
func (s *Service) takeSights(ctx context.Context, sights []sighted, touched map[*watched]bool) error {
	w := s.watch
	fresh := sights[:0]
	var unknown, back, coloured []string
	for _, t := range sights {
		if t.report.IsZero() && !t.coloured && !w.first(t) {
			continue
		}
		fresh = append(fresh, t)
		k, ok := keyOf(t.person)
		if !ok {
			continue
		}
		if _, known := w.watched.people[k]; !known && !t.coloured {
			unknown = append(unknown, t.person)
		}
		if t.undone {
			back = append(back, t.person)
		}
		if t.coloured {
			coloured = append(coloured, t.person)
		}
	}
	w.forgetTaken(s.Clock())
	if len(fresh) == 0 {
		return nil
	}
	var firms, there map[string]string
	var reds map[personKey]int64
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		firms, there = map[string]string{}, map[string]string{}
		if err := lookUpSome(r, `select person, firm from workresume_member where departed = 0 and person in (`, unknown, firms); err != nil {
			return err
		}
		if err := lookUpSome(r, `select person, place from workresume_presence where person in (`, back, there); err != nil {
			return err
		}
		reds, err = s.redOf(r, coloured)
		return err
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, person := range coloured {
		w.colour(person, reds, touched)
	}
	for _, t := range fresh {
		w.take(t, firms, there, touched)
	}
	return nil
}

// first is whether a check has not been told of before.
func (w *watcher) first(t sighted) bool {
	key := t.key
	if t.undone {
		key += "/undone"
	}
	if _, twice := w.watched.taken[key]; twice {
		return false
	}
	w.watched.taken[key] = t.at
	return true
}

// take moves one person, under mu. firms are those of people not seen before, there
// where people are of whom a check was taken back.
func (w *watcher) take(t sighted, firms, there map[string]string, touched map[*watched]bool) {
	today := !t.at.Before(w.watched.day)
	if f := w.watched.firms[t.firm]; f != nil && t.code == CheckNotListed && today {
		if t.undone {
			f.strangers = max(f.strangers-1, 0)
		} else {
			f.strangers++
		}
		touched[f] = true
	}
	k, ok := keyOf(t.person)
	if !ok || t.count == 0 && t.code != CheckStopped && t.code != CheckAsk && t.report.IsZero() {
		return
	}
	a, known := w.watched.people[k]
	if !known {
		a.firm = w.watched.firms[firms[t.person]]
	}
	if a.firm != nil {
		a.firm.add(a, -1)
		touched[a.firm] = true
	}
	switch {
	case !t.report.IsZero():
		a.reported = a.reported || t.report.Equal(w.watched.day)
		if a.firm != nil && t.report.After(a.firm.heard) {
			a.firm.heard = t.report
		}
	case t.undone:
		a.inside = there[t.person] != ""
		if t.count == 1 && today && a.entered > 0 {
			a.entered--
		}
		if t.code == CheckStopped && today && a.sent > 0 {
			a.sent--
		}
		if t.code == CheckAsk && today && a.asked > 0 {
			a.asked--
		}
	case t.code == CheckStopped:
		if today {
			a.sent++
		}
	case t.code == CheckAsk:
		if today {
			a.asked++
		}
	default:
		a.inside = t.count == 1
		if a.inside && today {
			a.entered++
		}
	}
	a.red = w.watched.reds[k] > 0
	if a.firm != nil {
		a.firm.add(a, 1)
	}
	w.watched.people[k] = a
}

// forgetTaken lets go of checks that nobody can tell of again.
func (w *watcher) forgetTaken(now time.Time) {
	if len(w.watched.taken) < 10_000 {
		return
	}
	for k, at := range w.watched.taken {
		if now.Sub(at) > UndoWithin+time.Minute {
			delete(w.watched.taken, k)
		}
	}
}

// lookUpSome is lookUp for the given keys; those without a row stay out.
func lookUpSome[V any](r storage.Reader, query string, keys []string, into map[string]V) error {
	for len(keys) > 0 {
		part := keys[:min(len(keys), readMost)]
		keys = keys[len(part):]
		list, args := storage.In(1, part)
		if _, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
			var k string
			var v V
			err = rows.Scan(&k, &v)
			into[k] = v
			return none, err
		}, query+list+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}
