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
const (
	costMemory = 19 * 1024 // KiB
	costTime   = 2
	costLanes  = 1

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
	done    atomic.Int64 // hashes made, so that a test can see equal work
	dummy   string       // verified when there is no account
}

func newHasher(parallel, queue int) *hasher {
	h := &hasher{turns: make(chan struct{}, parallel), queue: int64(queue)}
	// The salt of the dummy is fixed text: nothing is protected by it.
	h.dummy = encode([]byte("nobody lives here"), make([]byte, 32))
	return h
}

// hash returns the stored form of a password. Faults: Busy.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	key, err := h.key(ctx, password, salt, costMemory, costTime, costLanes)
	if err != nil {
		return "", err
	}
	return encode(salt, key), nil
}

// verify compares a password with its stored form. An empty or unreadable form
// costs the same and is never right. Faults: Busy.
func (h *hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	right := true
	m, t, p, salt, want := decode(stored)
	if want == nil || len(password) > passwordMost {
		right = false
		password = password[:min(len(password), passwordMost)]
		m, t, p, salt, want = decode(h.dummy)
	}
	got, err := h.key(ctx, password, salt, m, t, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && right, nil
}

func (h *hasher) key(ctx context.Context, password string, salt []byte, m, t uint32, p uint8) ([]byte, error) {
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
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, t, m, p, 32), nil
}

// encode and decode speak the text form of the argon2 reference code.
func encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, costMemory, costTime, costLanes, b.EncodeToString(salt), b.EncodeToString(key))
}

// decode returns a nil key for anything unreadable, and for a cost beyond what
// this program ever asked for: a row must not be able to exhaust memory.
func decode(s string) (m, t uint32, p uint8, salt, key []byte) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != "v=19" {
		return 0, 0, 0, nil, nil
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &m, &t, &p); n != 3 || err != nil || m < 8 || m > 64*1024 || t < 1 || t > 4 || p < 1 || p > 4 {
		return 0, 0, 0, nil, nil
	}
	b := base64.RawStdEncoding
	salt, err := b.DecodeString(part[4])
	if err != nil {
		return 0, 0, 0, nil, nil
	}
	if key, err = b.DecodeString(part[5]); err != nil || len(key) != 32 {
		return 0, 0, 0, nil, nil
	}
	return m, t, p, salt, key
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
