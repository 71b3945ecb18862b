package drill

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"breakwater/internal/service/ration"
)

// roomFound is what is wrong with a waiting room, between what people were told and what
// the store says of it.
type roomFound struct {
	Places int64 // in the store
	Lost   int64 // told a place that rows or journal lack, or that are not in both
	Double int64 // people with two places, and tickets that stand there twice
	Order  int64 // places told that seed and list do not give, and what was published wrongly
	Early  int64 // promised before their turn, by the log
	Beyond int64 // let in beyond what the pace gives, at the worst moment
}

// holdRoom holds a room against what its crowd was told. perSecond is the pace's ceiling.
//
// The order is reckoned here from what is published, by code that shares nothing with
// package waiting.
func holdRoom(who []guest, perSecond float64, room ration.Waited, r *reading) (f roomFound) {
	f.Places = int64(len(room.Arrivals))
	whose, has := map[string]string{}, map[string]int64{}
	for _, p := range room.Whose {
		whose[p.Ticket] = p.Person + p.Firm
		has[p.Person+p.Firm]++
	}
	f.Double += int64(len(room.Whose) - len(whose))
	for _, n := range has {
		f.Double += n - 1
	}
	order, sound := drawnOrder(room)
	if !sound {
		f.Order++
	}
	place := make(map[string]int64, len(order)) // by ticket, from 0
	for i, t := range order {
		if _, twice := place[t]; twice {
			f.Double++
			continue
		}
		place[t] = int64(i)
		if whose[t] == "" {
			f.Lost++
		}
	}
	for t := range whose {
		if _, there := place[t]; !there {
			f.Lost++
		}
	}
	told := map[string]bool{}
	for i := range who {
		w := &who[i]
		if w.ticket == "" {
			continue
		}
		if told[w.ticket] {
			f.Double++
		}
		told[w.ticket] = true
		at, there := place[w.ticket]
		switch {
		case !there || whose[w.ticket] == "":
			f.Lost++
		case w.place != 0 && w.place != at+1:
			f.Order++
		}
	}
	of := make(map[string]int64, len(whose)) // place by whose it is
	for t, person := range whose {
		at, there := place[t]
		if had, twice := of[person]; there && (!twice || at < had) {
			of[person] = at
		}
	}
	f.Early = early(of, r)
	f.Beyond = beyond(perSecond, r.Course)
	return f
}

// drawnOrder is the order of a room by what was published: those before the drawing by
// SHA-256 of seed, digest of their list and ticket, a line each, the others as they came;
// false where commitment, digest or number of the early are not what follows from it.
func drawnOrder(room ration.Waited) (order []string, sound bool) {
	if room.Before < 0 {
		return nil, false
	}
	first := slices.Clone(room.Arrivals[:room.Before])
	slices.Sort(first)
	list := sha256.Sum256([]byte(strings.Join(append(slices.Clone(first), ""), "\n")))
	digest, commit := hex.EncodeToString(list[:]), sha256.Sum256([]byte(room.Seed))
	sound = digest == room.Digest && hex.EncodeToString(commit[:]) == room.Commit && room.Early == int64(room.Before)
	keys := make(map[string][]byte, len(first))
	for _, t := range first {
		key := sha256.Sum256([]byte(room.Seed + "\n" + digest + "\n" + t + "\n"))
		keys[t] = key[:]
	}
	slices.SortStableFunc(first, func(a, b string) int { return cmp.Or(bytes.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	return append(first, room.Arrivals[room.Before:]...), sound
}

// early counts promises that stand in the log before the turn of whose they are, or are of
// somebody without a place.
func early(place map[string]int64, r *reading) (n int64) {
	holder := make(map[string]string, len(r.Rows))
	for _, x := range r.Rows {
		holder[x.ID] = x.Holder
	}
	let := int64(0)
	for _, s := range r.Course {
		if s.allotment == "" {
			let = s.let
			continue
		}
		if at, waited := place[holder[s.allotment]]; !waited || at >= let {
			n++
		}
	}
	return n
}

// beyond is how many more than a pace gives had their turn between any two moments. The
// pace's own law lets pass a second at once, and what one person takes.
func beyond(perSecond float64, course []step) (worst int64) {
	const atOnce = time.Second
	let, least := int64(0), 0.0
	var began time.Time
	for _, s := range course {
		if s.allotment != "" {
			continue
		}
		if began.IsZero() {
			began = s.at
			least = 0 // nobody before it
		}
		level := float64(s.let) - perSecond*s.at.Sub(began).Seconds()
		worst = max(worst, int64(level-least-perSecond*atOnce.Seconds()-1))
		least = min(least, level)
		if s.let < let {
			worst = max(worst, let-s.let) // it never moves back
		}
		let = s.let
	}
	return worst
}
