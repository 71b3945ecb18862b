// Package once does a command from outside exactly once, however often it is
// sent: the client chooses a key, the first to claim it acts, and everyone who
// comes with the key again is told the same answer. Claim, effect and answer
// are one transaction: they stand or fall together.
//
// It refuses to remember failures: a command that failed left nothing behind,
// and the same key may try again. It refuses to store what should not be
// stored: an answer is kept as plain JSON for Keep, so whoever passes a noun
// with a person in it passes the masked one. And it refuses to look before it
// claims: two callers who both look first both find nothing, and both act.
package once

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Schema is the package's table.
//
//go:embed schema/*.sql
var Schema embed.FS

// Module names the schema for storage.Migrate.
func Module() storage.Module { return storage.Module{Name: "once", Files: Schema} }

// Keep is how long an answer is remembered: longer than any phone stays
// offline and then sends again.
const Keep = 7 * 24 * time.Hour

// keyMax is the longest key, in bytes.
const keyMax = 200

// Key names one command. The same Key.Key of another principal or for another
// operation is another command.
type Key struct {
	Principal string
	Operation string   // "importRoster": the operationId
	Key       string   // chosen by the client; "" asks for no exactly-once
	Digest    [32]byte // of the body: a key sent again with another body is refused
}

// Ticket makes a key for a client that would choose at random. Tickets ascend
// with time, which keeps the table compact once millions are stored.
func Ticket(now time.Time) string { return ident.New("key", now) }

// Digest is the SHA-256 of the parts, each preceded by its length, so that
// moving a boundary between two parts gives another digest.
func Digest(parts ...[]byte) (sum [32]byte) {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// Check refuses a key that cannot be kept: 1 to 200 visible ASCII characters
// and no space. The empty key passes: it asks for nothing.
//
// Invalid "once.key".
func (k Key) Check() error {
	bad := len(k.Key) > keyMax
	for i := range len(k.Key) {
		bad = bad || k.Key[i] <= ' ' || k.Key[i] > '~'
	}
	if bad {
		return fault.New(fault.Invalid, "once.key", "max", keyMax)
	}
	return nil
}

// Do runs fn unless the key was used before, and then returns the answer given
// then. It is called first in a Write, before anything is read. Two callers at
// once: the second waits for the first to commit (or, on one writer, comes
// after it) and replays. A zero key runs fn.
//
// T must survive JSON; a T that encodes as {} or null costs no second write.
// fn must not use the same key again.
//
// Invalid "once.key", "once.other_body"; and whatever fn returns.
func Do[T any](tx *storage.Tx, key Key, now time.Time, fn func() (T, error)) (T, error) {
	var none T
	if key.Key == "" {
		return fn()
	}
	if err := key.Check(); err != nil {
		return none, err
	}
	n, err := tx.Exec(`insert into once_key (key, principal, operation, digest, answer, at)
values ($1, $2, $3, $4, '', $5) on conflict (key, principal, operation) do nothing`,
		key.Key, key.Principal, key.Operation, key.Digest[:], clock.Micros(now))
	if err != nil {
		return none, fmt.Errorf("claim key: %w", err)
	}
	if n == 0 {
		return replay[T](tx, key)
	}
	answer, err := fn()
	if err != nil {
		return none, err // the claim goes with the transaction
	}
	return answer, keep(tx, key, answer)
}

func keep(tx *storage.Tx, key Key, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("keep answer of %s: %w", key.Operation, err)
	}
	if s := string(text); s == "{}" || s == "null" {
		return nil
	}
	_, err = tx.Exec(`update once_key set answer = $1 where key = $2 and principal = $3 and operation = $4`,
		string(text), key.Key, key.Principal, key.Operation)
	return err
}

func replay[T any](tx *storage.Tx, key Key) (answer T, err error) {
	var digest []byte
	var text string
	err = tx.Row(`select digest, answer from once_key where key = $1 and principal = $2 and operation = $3`,
		key.Key, key.Principal, key.Operation).Scan(&digest, &text)
	switch {
	case err != nil:
		return answer, fmt.Errorf("replay answer: %w", err)
	case !bytes.Equal(digest, key.Digest[:]):
		return answer, fault.New(fault.Invalid, "once.other_body")
	case text == "":
		return answer, nil
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return answer, fmt.Errorf("replay answer of %s: %w", key.Operation, err)
	}
	return answer, nil
}
