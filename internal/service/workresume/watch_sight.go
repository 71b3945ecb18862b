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
		f.inside, f.today, f.turned = 0, 0, 0
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
	}
	if a.entered > 0 {
		f.today += n
	}
	if a.sent > 0 {
		f.turned += n
	}
}

// takeSights moves people by what was seen at gates.
func (s *Service) takeSights(ctx context.Context, sights []sighted, touched map[*watched]bool) error {
	w := s.watch
	fresh := sights[:0]
	var unknown, back []string
	for _, t := range sights {
		key := t.key
		if t.undone {
			key += "/undone"
		}
		if _, twice := w.watched.taken[key]; twice {
			continue
		}
		w.watched.taken[key] = t.at
		fresh = append(fresh, t)
		if k, ok := keyOf(t.person); ok {
			if _, known := w.watched.people[k]; !known {
				unknown = append(unknown, t.person)
			}
			if t.undone {
				back = append(back, t.person)
			}
		}
	}
	w.forgetTaken(s.Clock())
	if len(fresh) == 0 {
		return nil
	}
	firms, there := map[string]string{}, map[string]string{}
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		firms, there = map[string]string{}, map[string]string{}
		if err := lookUpSome(r, `select person, firm from workresume_member where departed = 0 and person in (`, unknown, firms); err != nil {
			return err
		}
		return lookUpSome(r, `select person, place from workresume_presence where person in (`, back, there)
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range fresh {
		w.take(t, firms, there, touched)
	}
	return nil
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
	if !ok || t.count == 0 && t.code != CheckStopped {
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
	case t.undone:
		a.inside = there[t.person] != ""
		if t.count == 1 && today && a.entered > 0 {
			a.entered--
		}
		if t.code == CheckStopped && today && a.sent > 0 {
			a.sent--
		}
	case t.code == CheckStopped:
		if today {
			a.sent++
		}
	default:
		a.inside = t.count == 1
		if a.inside && today {
			a.entered++
		}
	}
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
func lookUpSome(r storage.Reader, query string, keys []string, into map[string]string) error {
	for len(keys) > 0 {
		part := keys[:min(len(keys), readMost)]
		keys = keys[len(part):]
		list, args := storage.In(1, part)
		if _, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
			var k, v string
			err = rows.Scan(&k, &v)
			into[k] = v
			return none, err
		}, query+list+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}
