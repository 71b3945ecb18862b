package workresume

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// sightedHealth is called for every fact about a person, in the transaction that
// records it: who reported today, and who turned red or no longer is, belong to the
// promise of the firm on whose roster they are.
func (s *Service) sightedHealth(tx *storage.Tx, name, person string, body any) {
	if s.Promise == nil || s.roll.others {
		return
	}
	t := sighted{person: person, at: s.Clock()}
	switch b := body.(type) {
	case reportedBody:
		if t.report = s.beganOn(b.Day); t.report.IsZero() {
			return
		}
	case colouredBody:
		t.coloured = true
	default:
		return
	}
	tx.OnCommit(func() { s.watch.sight(t) })
}

// heardHealth is the same as the log tells it. Who was erased is on no roster.
func (s *Service) heardHealth(rec eventlog.Record, verb string) (t sighted, ours bool, err error) {
	if !strings.HasPrefix(rec.Stream, "person:") || rec.Erased || verb != factReported && verb != factColoured {
		return t, false, nil
	}
	t = sighted{person: rec.Subject, at: rec.At, coloured: verb == factColoured}
	if !t.coloured {
		var b reportedBody
		if err := json.Unmarshal(rec.Body, &b); err != nil {
			return t, true, err
		}
		t.report = s.beganOn(b.Day)
	}
	return t, t.coloured || !t.report.IsZero(), nil
}

// beganOn is when a day of reports began, zero for what is no day.
func (s *Service) beganOn(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, s.Zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// readReports finds who reported today, and when anybody of a firm last did.
func (s *Service) readReports(r storage.Reader, firms []string) error {
	w := &s.watch.watched
	where, args := among("m.firm", firms)
	if where == "" {
		where = " where"
	} else {
		where += " and"
	}
	day := "$" + strconv.Itoa(len(args)+1)
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var person, firm string
		err = rows.Scan(&person, &firm)
		if k, ok := keyOf(person); ok && err == nil {
			a := w.people[k]
			a.reported, a.firm = true, w.firms[firm]
			w.people[k] = a
		}
		return none, err
	}, `select m.person, m.firm from workresume_member m join workresume_report r on r.person = m.person and r.day = `+day+` and r.turn = 1`+
		where+` m.departed = 0`, append(args, w.day.Format(time.DateOnly))...)
	if err != nil {
		return err
	}
	for _, id := range firms {
		if f := w.firms[id]; f != nil {
			f.heard = time.Time{}
		}
	}
	_, err = storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var firm, last string
		err = rows.Scan(&firm, &last)
		if f := w.firms[firm]; f != nil && err == nil {
			f.heard = s.beganOn(last)
		}
		return none, err
	}, `select m.firm, coalesce(max((select max(r.day) from workresume_report r where r.person = m.person)), '') from workresume_member m`+
		where+` m.departed = 0 group by m.firm`, args...)
	return err
}

// readReds finds whom two officers hold red now.
func (s *Service) readReds(r storage.Reader) error {
	reds, err := storage.All(r, scanRed, redColumns, int64(Red), clock.Micros(s.Clock()))
	for _, p := range reds {
		if k, ok := keyOf(p.person); ok {
			s.watch.watched.reds[k] = p.ends
		}
	}
	return err
}

const redColumns = `select person, held_ends from workresume_colour where held = $1 and held_ends > $2`

type redUntil struct {
	person string
	ends   int64 // µs
}

func scanRed(rows *storage.Rows) (p redUntil, err error) { return p, rows.Scan(&p.person, &p.ends) }

// redOf is those of people who are red now, and until when.
func (s *Service) redOf(r storage.Reader, people []string) (map[personKey]int64, error) {
	out := map[personKey]int64{}
	for len(people) > 0 {
		part := people[:min(len(people), readMost)]
		people = people[len(part):]
		list, args := storage.In(3, part)
		reds, err := storage.All(r, scanRed, redColumns+` and person in (`+list+`)`, append([]any{int64(Red), clock.Micros(s.Clock())}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, p := range reds {
			if k, ok := keyOf(p.person); ok {
				out[k] = p.ends
			}
		}
	}
	return out, nil
}

// colour lets one person's new colour count, under mu.
func (w *watcher) colour(person string, reds map[personKey]int64, touched map[*watched]bool) {
	k, ok := keyOf(person)
	if !ok {
		return
	}
	if ends := reds[k]; ends > 0 {
		w.watched.reds[k] = ends
	} else {
		delete(w.watched.reds, k)
	}
	a, known := w.watched.people[k]
	if !known {
		return
	}
	if a.firm != nil {
		a.firm.add(a, -1)
		touched[a.firm] = true
	}
	a.red = w.watched.reds[k] > 0
	if a.firm != nil {
		a.firm.add(a, 1)
	}
	w.watched.people[k] = a
}

// lapsed are those whose red has ended by itself, to be looked at again: it may have
// been extended meanwhile.
func (w *watcher) lapsed(now time.Time) (out []sighted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, ends := range w.watched.reds {
		if ends <= clock.Micros(now) {
			out = append(out, sighted{person: k.id(), coloured: true})
		}
	}
	return out
}
