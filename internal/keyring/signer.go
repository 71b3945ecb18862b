package keyring

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Signer returns the key in use for a purpose and its id. The purpose is one of
// this package's constants; any other is a programming error and panics.
func (r *Ring) Signer(purpose string) (kid []byte, key *ecdsa.PrivateKey) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, s := range slices.Backward(r.signing) {
		if s.purpose == purpose && s.private != nil {
			return s.kid, s.private
		}
	}
	panic(fmt.Sprintf("keyring: no signing key of purpose %q", purpose))
}

// AddSigningKey makes a new key for a purpose and signs with it from now on.
// The private half of the old one is destroyed; its public half stays listed,
// because what it signed is still shown at gates.
//
// Faults: those of writing the file; the ring is then unchanged.
func (r *Ring) AddSigningKey(purpose string) error {
	if !slices.Contains(purposes(), purpose) {
		panic(fmt.Sprintf("keyring: no signing key of purpose %q", purpose))
	}
	return r.change(func(held *contents) error {
		for i := range held.Signing {
			if held.Signing[i].Purpose == purpose {
				held.Signing[i].Private = nil
			}
		}
		return held.addSigner(purpose)
	})
}

// PublicKey is the public half of a signing key. Current says that it still signs.
type PublicKey struct {
	Purpose string
	Kid     []byte
	Key     *ecdsa.PublicKey
	Current bool
}

// PublicKeys lists every signing key the ring ever had, oldest first: what a
// verifier must trust.
func (r *Ring) PublicKeys() []PublicKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]PublicKey, len(r.signing))
	for i, s := range r.signing {
		out[i] = PublicKey{Purpose: s.purpose, Kid: s.kid, Key: s.public, Current: s.private != nil}
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
