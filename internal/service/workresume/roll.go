package workresume

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// roll is who stands on which firm's footing, in memory, so that showing a code at
// half past eight asks no store. It holds only what a committed transaction said,
// and whoever changes something makes it forget in the same commit (forget…): what
// it does not know is asked of the store and remembered. So a lost entry costs a
// read, and a kept one is never older than the latest commit of this process. What
// another process commits is heard through the log (hear); while nothing has been
// heard for heardMost, the roll is not asked at all.
//
// A person takes 24 bytes and a pass; there are no pointers among the people for
// the collector to follow.
type roll struct {
	mu     sync.RWMutex
	turn   uint64 // forgettings so far: what was read before one is not kept
	at     map[string]uint32
	firms  []*footing // nil: to be asked for again
	people map[personKey]rollPlace
	names  []string // masked; many share one
	nameAt map[string]uint32
	passes map[personKey]*pass
	health map[personKey]colour // of those who are not plainly green
	texts  map[uint64]personKey // of passes, by the hash of their text and of their short code
	seed   maphash.Seed

	others bool         // other processes write to this store
	heard  atomic.Int64 // microseconds of the latest look at the log
}

// heardMost is how old the latest look at the log may be.
const heardMost = 2 * time.Second

type rollPlace struct{ firm, name uint32 }

// personKey is a person's id in 16 bytes.
type personKey [16]byte

func newRoll() *roll {
	return &roll{
		at: map[string]uint32{}, people: map[personKey]rollPlace{}, nameAt: map[string]uint32{}, passes: map[personKey]*pass{}, health: map[personKey]colour{},
		texts: map[uint64]personKey{}, seed: maphash.MakeSeed(),
	}
}

// keyOf packs a person's id.
func keyOf(person string) (personKey, bool) {
	k, ok := ident.Pack("per", person)
	return personKey(k), ok
}

// id is the person's id as text.
func (k personKey) id() string { return ident.Packed(k).Unpack("per") }

// believed reports whether the roll may be asked now.
func (r *roll) believed(now time.Time) bool {
	return !r.others || now.Sub(time.UnixMicro(r.heard.Load())) < heardMost
}

// find returns a person's standing and the pass kept for them, nil if none.
func (r *roll) find(person string, now time.Time) (standing, *pass, bool) {
	k, ok := keyOf(person)
	if !ok || !r.believed(now) {
		return standing{}, nil, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.people[k]
	if !ok || r.firms[p.firm] == nil {
		return standing{}, nil, false
	}
	return standing{footing: r.firms[p.firm], person: person, name: r.names[p.name], colour: r.health[k], now: now}, r.passes[k], true
}

// current is the turn to hand to keep, taken before the store is read.
func (r *roll) current() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.turn
}

// keep remembers what was read, unless something was forgotten since. Who is on no
// roster is not kept: they are few, and come back by an import.
func (r *roll) keep(st standing, turn uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if turn == r.turn && st.footing != nil {
		r.put(st)
	}
}

func (r *roll) put(st standing) {
	k, ok := keyOf(st.person)
	if !ok {
		return
	}
	i, ok := r.at[st.firm]
	if !ok {
		i = uint32(len(r.firms))
		r.at[st.firm], r.firms = i, append(r.firms, nil)
	}
	r.firms[i] = st.footing
	n, ok := r.nameAt[st.name]
	if !ok {
		n = uint32(len(r.names))
		r.nameAt[st.name], r.names = n, append(r.names, st.name)
	}
	r.people[k] = rollPlace{i, n}
	if st.colour == (colour{}) {
		delete(r.health, k)
	} else {
		r.health[k] = st.colour
	}
}

// keepPass remembers a person's stored pass, unless something was forgotten since.
func (r *roll) keepPass(person string, p *pass, turn uint64) {
	if k, ok := keyOf(person); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		if turn != r.turn {
			return
		}
		r.dropPass(k)
		r.passes[k] = p
		r.texts[maphash.String(r.seed, p.text)] = k
		r.texts[maphash.String(r.seed, p.short)] = k
	}
}

// whose returns the person whose pass, kept here and still good, has this text, or
// this code to be read aloud.
func (r *roll) whose(text string, now time.Time) (person string, ok bool) {
	h := maphash.String(r.seed, text)
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.texts[h]
	if !ok {
		return "", false
	}
	p := r.passes[k]
	if p == nil || p.text != text && p.short != text || !now.Before(p.until) || now.Before(p.issued) {
		return "", false
	}
	return k.id(), true
}

// clear forgets everything.
func (r *roll) clear() {
	fresh := newRoll()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn++
	r.at, r.firms, r.people, r.names, r.nameAt = fresh.at, nil, fresh.people, nil, fresh.nameAt
	r.passes, r.texts, r.health = fresh.passes, fresh.texts, fresh.health
}

func (r *roll) forgetFirm(firm string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn++
	if i, ok := r.at[firm]; ok {
		r.firms[i] = nil
	}
}

// forgetRoster forgets a firm and everybody on its roster.
func (r *roll) forgetRoster(firm string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn++
	i, ok := r.at[firm]
	if !ok {
		return
	}
	r.firms[i] = nil
	for k, p := range r.people {
		if p.firm == i {
			delete(r.people, k)
			delete(r.health, k)
			r.dropPass(k)
		}
	}
}

// forgetPasses forgets passes that were withdrawn.
func (r *roll) forgetPasses(people []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn++
	for _, p := range people {
		if k, ok := keyOf(p); ok {
			r.dropPass(k)
		}
	}
}

func (r *roll) dropPass(k personKey) {
	if p := r.passes[k]; p != nil {
		delete(r.texts, maphash.String(r.seed, p.text))
		delete(r.texts, maphash.String(r.seed, p.short))
		delete(r.passes, k)
	}
}

func (r *roll) forgetPeople(people []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn++
	for _, p := range people {
		if k, ok := keyOf(p); ok {
			delete(r.people, k)
			delete(r.health, k)
		}
	}
}

// changed makes the roll forget a firm's footing and the named people when tx commits.
func (s *Service) changed(tx *storage.Tx, firm string, people ...string) {
	tx.OnCommit(func() {
		if firm != "" {
			s.roll.forgetFirm(firm)
		}
		if len(people) > 0 {
			s.roll.forgetPeople(people)
		}
	})
}
