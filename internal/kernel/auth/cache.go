package auth

import (
	"sync"
	"time"
)

// Fresh is how long a session or token read from a store that others write to is
// believed without asking again: what another process revoked is unknown here for
// so long at most. What this process revokes is gone at once, and on a store of its
// own nothing else can revoke.
const Fresh = 2 * time.Second

// cacheMost bounds the cache: about 100 MB when every worker of a district opens
// the code on one morning.
const cacheMost = 1 << 18

// known is a session or token as it was read.
type known struct {
	secret    [32]byte
	principal Principal
	seen      time.Time     // last noted use
	idle      time.Duration // 0: does not lapse by lying idle
	expires   time.Time     // zero: never
	loaded    time.Time
}

func (k *known) alive(now time.Time) bool {
	return (k.expires.IsZero() || now.Before(k.expires)) && (k.idle == 0 || now.Before(k.seen.Add(k.idle)))
}

// cache keeps recent sessions, and the uses not yet written to the store.
type cache struct {
	shared  bool // other processes write to the store
	mu      sync.RWMutex
	turn    uint64            // counts revocations, so that a read begun before one is not kept
	entries map[string]*known // never changed, only replaced
	used    map[string]time.Time
}

func newCache(shared bool) *cache {
	return &cache{shared: shared, entries: map[string]*known{}, used: map[string]time.Time{}}
}

// get returns what is known of an id, if it was read a moment ago, and the turn
// to hand to put.
func (c *cache) get(id []byte, now time.Time) (k *known, fresh bool, turn uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	k, ok := c.entries[string(id)]
	return k, ok && (!c.shared || now.Sub(k.loaded) < Fresh), c.turn
}

// current is the turn by itself.
func (c *cache) current() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.turn
}

func (c *cache) put(id string, k *known, turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return
	}
	for old := range c.entries {
		if len(c.entries) < cacheMost {
			break
		}
		delete(c.entries, old) // any; it is only a cache
	}
	c.entries[id] = k
}

// lastUse is the later of the stored use and one not yet written.
func (c *cache) lastUse(id string, stored time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.used[id]; at.After(stored) {
		return at
	}
	return stored
}

// note keeps a use for Run to write. If nobody writes, it stops keeping: then
// sessions lapse early, and memory is safe.
func (c *cache) note(id string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.used) < 4*cacheMost {
		c.used[id] = at
	}
	if k, ok := c.entries[id]; ok {
		seen := *k
		seen.seen = at
		c.entries[id] = &seen
	}
}

func (c *cache) takeUsed() map[string]time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	used := c.used
	c.used = map[string]time.Time{}
	return used
}

func (c *cache) drop(ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	for _, id := range ids {
		delete(c.entries, id)
		delete(c.used, id)
	}
}

func (c *cache) dropAccount(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	for id, k := range c.entries {
		if k.principal.ID == account {
			delete(c.entries, id)
			delete(c.used, id)
		}
	}
}
