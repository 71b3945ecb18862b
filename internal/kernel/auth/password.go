package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"breakwater/internal/fault"
)

// Cost of one password: 19 MiB, two passes, one lane (OWASP Password Storage
// Cheat Sheet, argon2id). Some 25 to 60 ms of one core.
var owasp = cost{memory: 19 * 1024, time: 2, lanes: 1}

// cost is what argon2id is asked for; memory is in KiB.
type cost struct {
	memory, time uint32
	lanes        uint8
}

const (
	passwordLeast = 10  // characters
	passwordMost  = 256 // bytes
)

// hasher hashes passwords, a few at once: a sign-in storm takes turns instead
// of 19 MiB each. Who would wait behind more than queue others is told Busy at
// once, for an answer that comes too late is asked for again and makes it worse.
type hasher struct {
	turns   chan struct{}
	waiting atomic.Int64
	queue   int64
	cost    cost
	done    atomic.Int64 // hashes made, so that a test can see equal work
	dummy   string       // verified when there is no account
}

func newHasher(parallel, queue int, c cost) *hasher {
	h := &hasher{turns: make(chan struct{}, parallel), queue: int64(queue), cost: c}
	// The salt of the dummy is fixed text: nothing is protected by it.
	h.dummy = encode(c, []byte("nobody lives here"), make([]byte, 32))
	return h
}

// hash returns the stored form of a password. Faults: Busy.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	key, err := h.key(ctx, password, salt, h.cost)
	if err != nil {
		return "", err
	}
	return encode(h.cost, salt, key), nil
}

// verify compares a password with its stored form. An empty or unreadable form
// costs the same and is never right. Faults: Busy.
func (h *hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	right := true
	c, salt, want := decode(stored)
	if want == nil || len(password) > passwordMost {
		right = false
		password = password[:min(len(password), passwordMost)]
		c, salt, want = decode(h.dummy)
	}
	got, err := h.key(ctx, password, salt, c)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && right, nil
}

func (h *hasher) key(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return nil, fault.New(fault.Busy, "auth.busy")
	}
	defer h.waiting.Add(-1)
	select {
	case h.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Busy, "auth.busy")
	}
	defer func() { <-h.turns }()
	h.done.Add(1)
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.time, c.memory, c.lanes, 32), nil
}

// encode and decode speak the text form of the argon2 reference code.
func encode(c cost, salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.lanes, b.EncodeToString(salt), b.EncodeToString(key))
}

// decode returns a nil key for anything unreadable, and for a cost beyond what
// this program ever asked for: a row must not be able to exhaust memory.
func decode(s string) (c cost, salt, key []byte) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != "v=19" {
		return cost{}, nil, nil
	}
	n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.lanes)
	if n != 3 || err != nil || c.memory < 8 || c.memory > 64*1024 || c.time < 1 || c.time > 4 || c.lanes < 1 || c.lanes > 4 {
		return cost{}, nil, nil
	}
	b := base64.RawStdEncoding
	if salt, err = b.DecodeString(part[4]); err != nil {
		return cost{}, nil, nil
	}
	if key, err = b.DecodeString(part[5]); err != nil || len(key) != 32 {
		return cost{}, nil, nil
	}
	return c, salt, key
}

// goodPassword says what is wrong with a new password, as a message key, or "".
// Length is what counts (NIST SP 800-63B 5.1.1); only what a guesser tries
// first is refused: the names it belongs to, runs, and one character repeated.
func goodPassword(password string, names ...string) string {
	p := strings.ToLower(norm.NFKC.String(password))
	runes := []rune(p)
	switch {
	case len(runes) < passwordLeast:
		return "auth.password_short"
	case len(p) > passwordMost:
		return "auth.password_long"
	}
	for _, n := range names {
		n = strings.ToLower(n)
		if rest := strings.ReplaceAll(p, n, ""); len(n) >= 4 && rest != p && strings.Trim(rest, "0123456789") == "" {
			return "auth.password_name"
		}
	}
	seen := map[rune]bool{}
	run := 0
	for i, r := range runes {
		seen[r] = true
		if i > 0 && (r == runes[i-1]+1 || r == runes[i-1]-1 || r == runes[i-1]) {
			run++
		}
	}
	if len(seen) < 5 || run >= len(runes)-2 || strings.HasPrefix(p, "password") || strings.HasPrefix(p, "qwertyuiop") {
		return "auth.password_easy"
	}
	return ""
}
