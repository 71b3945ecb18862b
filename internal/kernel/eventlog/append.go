package eventlog

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// row is a fact on its way into the store.
type row struct {
	id, stream, name string
	lane, at         int64
	bytes            []byte

	// A subject's key that was not in memory, to be kept there after the commit.
	subject string
	key     *personKey
	erasure uint64
}

// Append records a fact in the caller's transaction: if that is rolled back, the
// fact never was. The id is final; the place in the log follows with the commit
// on SQLite, within about a second on PostgreSQL.
//
// Faults: Internal "eventlog.incomplete" when the stream, a dotted name or the
// actor is missing or one is over 512 bytes, or Body is not JSON.
func (l *Log) Append(tx *storage.Tx, f Fact) (id string, err error) {
	if f.At.IsZero() {
		f.At = l.now()
	}
	lf := leaf{id: ident.New("fct", l.now()), stream: f.Stream, name: f.Name, actor: f.Actor, at: clock.Micros(f.At)}
	for _, t := range []string{f.Stream, f.Name, f.Actor} {
		if t == "" || len(t) > textMax {
			return "", fault.New(fault.Internal, "eventlog.incomplete", "name", f.Name)
		}
	}
	if !strings.Contains(f.Name, ".") || lf.at < 0 {
		return "", fault.New(fault.Internal, "eventlog.incomplete", "name", f.Name)
	}
	var body []byte
	if f.Body != nil {
		if body, err = json.Marshal(f.Body); err != nil {
			return "", fault.Wrap(err, fault.Internal, "eventlog.incomplete", "name", f.Name)
		}
	}
	r := &row{id: lf.id, stream: lf.stream, lane: laneOf(lf.stream), name: lf.name, at: lf.at}
	if f.Subject == "" {
		b := lf.head(saltSize + len(body))
		// The salt keeps a leaf's hash, which proofs show, from being guessed back.
		n := len(b)
		b = b[:n+saltSize]
		_, _ = rand.Read(b[n:]) // never fails, see crypto/rand
		r.bytes = append(b, body...)
	} else {
		k, err := l.subjectKey(tx, f.Subject, r)
		if err != nil {
			return "", err
		}
		lf.sealed, lf.key = true, k.id
		if r.bytes, err = sealBody(lf, k, body); err != nil {
			return "", err
		}
	}
	tx.Stage(r)
	return lf.id, nil
}

func sealBody(f leaf, k personKey, body []byte) ([]byte, error) {
	a, err := k.aead()
	if err != nil {
		return nil, err
	}
	b := f.head(nonceSize + len(body) + a.Overhead())
	n := len(b)
	b = b[:n+nonceSize]
	_, _ = rand.Read(b[n:])
	return a.Seal(b, b[n:], body, b[:n]), nil
}

func openBody(f leaf, head []byte, k personKey) ([]byte, error) {
	a, err := k.aead()
	if err != nil {
		return nil, err
	}
	return a.Open(nil, f.body[:nonceSize], f.body[nonceSize:], head)
}

// aead builds the cipher for one use: keeping it would cost a kilobyte a person.
func (k personKey) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.secret[:])
	if err != nil {
		return nil, fmt.Errorf("subject key: %w", err)
	}
	return cipher.NewGCM(block)
}
