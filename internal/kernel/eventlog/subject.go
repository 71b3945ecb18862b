package eventlog

import (
	"crypto/rand"
	"sync"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// personKey seals the facts about one person. Facts name its id, not the person.
type personKey struct {
	id     string
	secret [32]byte
}

// keyCache saves the writer a read and an opening for people seen lately. Only
// keys of committed rows enter. An erasure leaves no stale key behind: it takes
// the key out at once and voids whatever was read before it and not yet kept.
type keyCache struct {
	mu      sync.Mutex
	known   map[string]personKey
	erasure uint64 // erasures so far
}

const keysKept = 100_000 // about 20 MB

func (c *keyCache) get(subject string) (k personKey, ok bool, erasure uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok = c.known[subject]
	return k, ok, c.erasure
}

func (c *keyCache) keep(subject string, k personKey, erasure uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if erasure != c.erasure {
		return
	}
	if c.known == nil || len(c.known) >= keysKept {
		c.known = make(map[string]personKey)
	}
	c.known[subject] = k
}

func (c *keyCache) drop(subject string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erasure++
	delete(c.known, subject)
}

// subjectKey returns the subject's key, making it in tx when there is none, and
// notes on the row what the commit should keep in memory.
func (l *Log) subjectKey(tx *storage.Tx, subject string, r *row) (personKey, error) {
	if len(subject) > textMax {
		return personKey{}, fault.New(fault.Internal, "eventlog.incomplete", "name", "subject")
	}
	k, ok, erasure := l.keys.get(subject)
	if ok && tx.Engine() == storage.SQLite {
		return k, nil // one process, one writer: nobody else can have erased it
	}
	if ok {
		// Another node may have erased it. The read also makes PostgreSQL
		// refuse this transaction if one does so meanwhile.
		var id string
		err := tx.Row(`select id from eventlog_key where subject = $1`, subject).Scan(&id)
		if err == nil && id == k.id {
			return k, nil
		}
		if err != nil && !storage.NoRows(err) {
			return personKey{}, err
		}
		l.keys.drop(subject)
		_, _, erasure = l.keys.get(subject)
	}
	k = personKey{id: ident.New("key", l.now())}
	_, _ = rand.Read(k.secret[:]) // never fails, see crypto/rand
	sealed, err := l.ring.Seal(k.secret[:], keyPlace(k.id))
	if err != nil {
		return personKey{}, err
	}
	n, err := tx.Exec(`insert into eventlog_key (subject, id, sealed) values ($1, $2, $3) on conflict (subject) do nothing`, subject, k.id, sealed)
	if err != nil {
		return personKey{}, err
	}
	if n == 0 {
		if err := tx.Row(`select id, sealed from eventlog_key where subject = $1`, subject).Scan(&k.id, &sealed); err != nil {
			return personKey{}, err
		}
		if err := l.openKey(&k, sealed); err != nil {
			return personKey{}, err
		}
	}
	r.subject, r.key, r.erasure = subject, &k, erasure
	return k, nil
}

func (l *Log) openKey(k *personKey, sealed []byte) error {
	secret, err := l.ring.Open(sealed, keyPlace(k.id))
	if err != nil {
		return err
	}
	copy(k.secret[:], secret)
	return nil
}

func keyPlace(id string) []byte { return []byte("eventlog_key:" + id) }

// Erase destroys the subject's key in the caller's transaction: the content of
// every fact about them is gone for good, here and in every copy of the log that
// is taken from now on. The facts themselves, who did them and when, stand, and
// the tree verifies as before. That it happened is itself a fact, which names
// the destroyed key and not the person. Erasing somebody unknown does nothing.
//
// A backup made earlier still holds the key; it must be aged out. See the
// operator's guide.
func (l *Log) Erase(tx *storage.Tx, subject string) error {
	var id string
	err := tx.Row(`select id from eventlog_key where subject = $1`, subject).Scan(&id)
	if storage.NoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	// Overwritten first: a deleted row's bytes would linger in SQLite's free space.
	if _, err := tx.Exec(`update eventlog_key set sealed = $1 where subject = $2`, make([]byte, 128), subject); err != nil {
		return err
	}
	if _, err := tx.Exec(`delete from eventlog_key where subject = $1`, subject); err != nil {
		return err
	}
	l.keys.drop(subject)
	_, err = l.Append(tx, Fact{Stream: "key:" + id, Name: "eventlog.erased", Actor: "system", Body: map[string]string{"key": id}})
	return err
}
