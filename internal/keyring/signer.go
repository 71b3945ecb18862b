package keyring

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Signer returns the key in use for a purpose at a moment, and its id: the newest
// whose time has begun. The purpose is one of this package's constants; any other
// is a programming error and panics.
func (r *Ring) Signer(purpose string, at time.Time) (kid []byte, key *ecdsa.PrivateKey) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if i := inUse(r.signing, purpose, at); i >= 0 {
		return r.signing[i].kid, r.signing[i].private
	}
	panic(fmt.Sprintf("keyring: no signing key of purpose %q", purpose))
}

// inUse is the place of the key that signs, or -1. Where the clock stands before
// every key's time, the oldest that can sign does.
func inUse(keys []signingKey, purpose string, at time.Time) int {
	found := -1
	for i, k := range slices.Backward(keys) {
		if k.purpose != purpose || k.private == nil {
			continue
		}
		found = i
		if !k.from.After(at) {
			break
		}
	}
	return found
}

// PublicKey is the public half of a signing key.
type PublicKey struct {
	Purpose   string
	Algorithm string // ES256 or SM2
	Kid       []byte
	Key       *ecdsa.PublicKey
	State     string

	From, Until, Revoked time.Time // zero where there is none
}

// The states of a key.
const (
	Next    = "next"    // listed, so that verifiers know it before it signs
	Current = "current" // signs
	Past    = "past"    // signs no more; what it signed still holds
	Ended   = "ended"   // nothing it signed holds
	Revoked = "revoked" // it was lost: nothing it signed is believed
)

// PublicKeys lists every signing key the ring ever had, oldest first, as they stand
// at a moment: what a verifier must know.
func (r *Ring) PublicKeys(at time.Time) []PublicKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]PublicKey, len(r.signing))
	for i, s := range r.signing {
		k := PublicKey{Purpose: s.purpose, Algorithm: algorithmOf(s.public), Kid: s.kid, Key: s.public, From: s.from, Until: s.until, Revoked: s.revoked}
		switch {
		case !s.revoked.IsZero():
			k.State = Revoked
		case i == inUse(r.signing, s.purpose, at):
			k.State = Current
		case s.private != nil && s.from.After(at):
			k.State = Next
		case !s.until.IsZero() && !at.Before(s.until):
			k.State = Ended
		default:
			k.State = Past
		}
		out[i] = k
	}
	return out
}

// LogSigner returns the Ed25519 signer and verifier of checkpoints under a log's
// name. The name must be a note name (not empty, no spaces, no "+"); another
// panics, so the log checks it when it is opened.
func (r *Ring) LogSigner(name string) (note.Signer, note.Verifier) {
	r.mu.RLock()
	key := ed25519.NewKeyFromSeed(r.held.Log)
	r.mu.RUnlock()
	text, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		panic("keyring: log key: " + err.Error())
	}
	verifier, err := note.NewVerifier(text)
	if err != nil {
		panic("keyring: log key: " + err.Error())
	}
	// The private form is the public one's hash with the algorithm (1) and seed.
	hash := fmt.Sprintf("%08x", verifier.KeyHash())
	secret := base64.StdEncoding.EncodeToString(append([]byte{1}, r.held.Log...))
	signer, err := note.NewSigner(strings.Join([]string{"PRIVATE", "KEY", name, hash, secret}, "+"))
	if err != nil {
		panic("keyring: log key is not usable for name " + name) // the cause could quote the key
	}
	return signer, verifier
}

// LogVerifierKey is the public line by which anyone checks the log's
// checkpoints, in the form of golang.org/x/mod/sumdb/note.
func (r *Ring) LogVerifierKey(name string) string {
	r.mu.RLock()
	key := ed25519.NewKeyFromSeed(r.held.Log)
	r.mu.RUnlock()
	text, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		panic("keyring: log key: " + err.Error())
	}
	return text
}

// String keeps keys out of logs and messages: %v of a ring says nothing more.
func (r *Ring) String() string { return "keyring " + r.Fingerprint() }

// GoString does the same for %#v.
func (r *Ring) GoString() string { return r.String() }

// Short is a key id as people compare it: hexadecimal.
func (k PublicKey) Short() string { return hex.EncodeToString(k.Kid) }
