// Package keyring holds the secrets that must not lie in the database: the key
// that seals fields at rest, the key of the blind look-up hash, the keys that
// sign credentials and the key that signs the log's checkpoints. They live in
// one file per store, readable by the program's own user only, so that a stolen
// database, dump or disk image opens nothing.
//
// It refuses to make keys for a store that already has some (see Load), to read
// a file that every user of the machine can read, and to print or log a key.
package keyring

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"breakwater/internal/fault"
)

// Credential is the purpose of the key that signs credentials and their status lists.
const Credential = "credential"

// purposes are the signing keys every ring has. A file written before a purpose
// was added gets that key when it is next opened.
func purposes() []string { return []string{Credential} }

// Ring is an open set of keys. It is safe for concurrent use.
type Ring struct {
	path string // "" for a ring that lives in memory only

	mu      sync.RWMutex
	held    contents
	sealing tink.AEAD
	hashing *prf.Set
	signing []signingKey
}

type signingKey struct {
	purpose string
	kid     []byte
	private *ecdsa.PrivateKey // nil once retired: the private half is destroyed
	public  *ecdsa.PublicKey

	from, until, revoked time.Time
}

// New makes a ring in memory: for tests and rehearsals. Its keys are lost with
// the process.
func New() (*Ring, error) {
	held, err := fresh("memory", ES256)
	if err != nil {
		return nil, err
	}
	return ready("", held)
}

// Seal encrypts plain (AES-256-GCM) and binds it to aad, which names the place
// it is kept in ("party_person.number:per_…") so that a sealed value moved to
// another row does not open. The key's id is the value's prefix.
func (r *Ring) Seal(plain, aad []byte) ([]byte, error) {
	r.mu.RLock()
	a := r.sealing
	r.mu.RUnlock()
	return a.Encrypt(plain, aad)
}

// Open is the inverse of Seal, under any key the ring ever sealed with.
//
// Faults: Internal "keyring.cannot_open" when the value was altered, moved to
// another place, or sealed by another ring.
func (r *Ring) Open(sealed, aad []byte) ([]byte, error) {
	r.mu.RLock()
	a := r.sealing
	r.mu.RUnlock()
	plain, err := a.Decrypt(sealed, aad)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "keyring.cannot_open")
	}
	return plain, nil
}

// Hash returns 16 bytes (HMAC-SHA256, cut) by which text of a domain, such as
// "party.number", is found without being readable. Equal texts of two domains
// give unrelated hashes. The caller normalises text first.
func (r *Ring) Hash(domain, text string) []byte {
	in := make([]byte, 0, 4+len(domain)+len(text))
	in = binary.BigEndian.AppendUint32(in, uint32(len(domain))) // so that ("ab","c") is not ("a","bc")
	in = append(append(in, domain...), text...)
	out, err := r.hashing.ComputePrimaryPRF(in, 16)
	if err != nil {
		panic("keyring: hash: " + err.Error()) // only a length above 32 bytes can fail
	}
	return out
}

// Fingerprint names the ring without revealing anything of it. A store keeps it
// and refuses another ring; it does not change when keys are rotated.
func (r *Ring) Fingerprint() string {
	return hex.EncodeToString(r.Hash("keyring.fingerprint", ""))
}

// AddSealingKey makes a new key and seals with it from now on. What was sealed
// before stays readable.
//
// Faults: those of writing the file; the ring is then unchanged.
func (r *Ring) AddSealingKey() error {
	return r.change(func(held *contents) error {
		h, err := readKeyset(held.Sealing)
		if err != nil {
			return err
		}
		m := keyset.NewManagerFromHandle(h)
		id, err := m.Add(aead.AES256GCMKeyTemplate())
		if err != nil {
			return err
		}
		if err := m.SetPrimary(id); err != nil {
			return err
		}
		if h, err = m.Handle(); err != nil {
			return err
		}
		held.Sealing, err = writeKeyset(h)
		return err
	})
}

// change applies a change to a copy of the contents, writes the file and only
// then uses the new keys: a key that was not stored must never seal or sign. Where
// several nodes share the file, one changes it at a time, and from what it says by
// then: a node that has not read a new key must not write it away.
func (r *Ring) change(edit func(held *contents) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path != "" {
		release, err := alone(filepath.Dir(r.path))
		if err != nil {
			return err
		}
		defer release()
		if _, _, err := r.reread(); err != nil {
			return err
		}
	}
	held := r.held.clone()
	if err := edit(&held); err != nil {
		return err
	}
	next, err := ready(r.path, held)
	if err != nil {
		return err
	}
	if r.path != "" {
		if err := held.save(r.path, true); err != nil {
			return err
		}
	}
	r.held, r.sealing, r.signing = next.held, next.sealing, next.signing
	return nil
}

// fresh makes contents with one new key of every sort.
func fresh(store, algorithm string) (contents, error) {
	held := contents{Format: format, Store: store}
	for _, part := range []struct {
		to  *[]byte
		new func() (*keyset.Handle, error)
	}{
		{(*[]byte)(&held.Sealing), func() (*keyset.Handle, error) { return keyset.NewHandle(aead.AES256GCMKeyTemplate()) }},
		{(*[]byte)(&held.Hashing), func() (*keyset.Handle, error) { return keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate()) }},
	} {
		h, err := part.new()
		if err != nil {
			return held, fmt.Errorf("make a key: %w", err)
		}
		if *part.to, err = writeKeyset(h); err != nil {
			return held, fmt.Errorf("make a key: %w", err)
		}
	}
	held.Log = make([]byte, 32)
	_, _ = rand.Read(held.Log) // never fails, see crypto/rand
	return held, held.complete(algorithm)
}

// complete adds a signing key for every purpose that has none.
func (c *contents) complete(algorithm string) error {
	for _, p := range purposes() {
		if !c.signs(p) {
			f, err := NewSigner(p, algorithm)
			if err != nil {
				return err
			}
			c.Signing = append(c.Signing, f.entry)
		}
	}
	return nil
}

func (c *contents) signs(purpose string) bool {
	for _, s := range c.Signing {
		if s.Purpose == purpose && len(s.Private) > 0 {
			return true
		}
	}
	return false
}

// kidOf is the key id written into credentials: the first 8 bytes of the
// SHA-256 of the public key as SubjectPublicKeyInfo, as the European health
// certificate derives it.
func kidOf(spki []byte) []byte {
	sum := sha256.Sum256(spki)
	return sum[:8]
}
