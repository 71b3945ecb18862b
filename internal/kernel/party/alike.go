package party

import (
	"cmp"
	"database/sql"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// alikes keeps in memory by what two records may be alike: hashes under a seed that
// dies with the process, so that nothing of it says anything elsewhere and nothing of
// it lies in the store. Some 100 bytes a person, from the first time somebody asks.
type alikes struct {
	seed maphash.Seed

	mu     sync.Mutex
	people map[ID]seen
	read   int64 // microseconds: the latest change that was read
	stale  bool  // by is older than people
	by     likely
}

// seen is one record; a zero is what it has not. By its sealed bytes, which are never
// the same twice, it is known whether it changed, and opened only then.
type seen struct{ sealed, name, born, phone uint64 }

// likely is what the records of everybody come to.
type likely struct {
	named  []Double
	phones [][]ID // who has one phone, the oldest first
}

// rereadFor is how far back changes are read again: a change carries the time at which
// it was asked for, and may be stored after one that was asked for later.
const rereadFor = int64(time.Hour / time.Microsecond)

// look reads who changed since the last time, by r's own snapshot. What says it is
// changed after now hides no later change.
func (a *alikes) look(r storage.Reader, open func(ID, []byte) (Person, error), now time.Time) (likely, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rows, err := r.Query(`select id, sealed, erased, updated from party_person where updated >= $1`, a.read-rereadFor)
	if err != nil {
		return likely{}, err
	}
	defer rows.Close()
	if a.people == nil {
		a.people = map[ID]seen{}
	}
	until := clock.Micros(now)
	for rows.Next() {
		var id ID
		var sealed sql.RawBytes // valid until Next, which is long enough to open it
		var erased, updated int64
		if err := rows.Scan(&id, &sealed, &erased, &updated); err != nil {
			return likely{}, err
		}
		mark := maphash.Bytes(a.seed, sealed)
		was, known := a.people[id]
		switch {
		case known && was.sealed == mark:
		case erased == 0:
			p, err := open(id, sealed)
			if err != nil {
				return likely{}, err
			}
			a.people[id], a.stale = a.of(p, mark), true
		case known:
			delete(a.people, id)
			a.stale = true
		}
		a.read = max(a.read, min(updated, until))
	}
	if err := rows.Err(); err != nil {
		return likely{}, err
	}
	if a.stale {
		a.by, a.stale = likelyOf(a.people), false
	}
	return a.by, nil
}

func (a *alikes) of(p Person, mark uint64) seen {
	hash := func(text string) uint64 {
		if text == "" {
			return 0
		}
		return maphash.String(a.seed, text)
	}
	return seen{sealed: mark, name: hash(likeness(p.Name)), born: hash(birthday(p)), phone: hash(p.Phone)}
}

// likelyOf is pure. Ids are in the order of time, so that the first of two is the older.
func likelyOf(people map[ID]seen) (out likely) {
	names, phones := map[uint64][]ID{}, map[uint64][]ID{}
	for _, id := range slices.Sorted(maps.Keys(people)) {
		x := people[id]
		if x.name != 0 {
			names[x.name] = append(names[x.name], id)
		}
		if x.phone != 0 {
			phones[x.phone] = append(phones[x.phone], id)
		}
	}
	for _, ids := range names {
		if len(ids) > 1 {
			out.named = append(out.named, sameName(people, ids)...)
		}
	}
	for _, ids := range phones {
		if len(ids) > 1 && len(ids) <= sharedMost {
			out.phones = append(out.phones, ids)
		}
	}
	slices.SortFunc(out.phones, func(a, b []ID) int { return cmp.Compare(a[0], b[0]) })
	out.phones = out.phones[:min(len(out.phones), phonesMost)]
	return out
}

// sameName is who of one name may be one person. Of a birthday that more share than one
// person may have records, the first are looked at: the rest follow once these are one.
func sameName(people map[ID]seen, ids []ID) (out []Double) {
	days := map[uint64][]ID{}
	for _, id := range ids {
		days[people[id].born] = append(days[people[id].born], id)
	}
	for _, unknown := range days[0] {
		for _, other := range ids {
			// Two without a birthday meet once.
			if len(ids) > rareMost || other == unknown || people[other].born == 0 && other < unknown {
				continue
			}
			out = append(out, Double{min(unknown, other), max(unknown, other), AlikeRare})
		}
	}
	delete(days, 0)
	for _, same := range days {
		same = same[:min(len(same), joinedMost)]
		for i, a := range same {
			for _, b := range same[i+1:] {
				out = append(out, Double{a, b, AlikeBorn})
			}
		}
	}
	return out
}
