package storage_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A machine that stops in the middle of a transaction holds up nobody for long: the
// server ends it, what waited for its locks goes on, and nothing of it remains.
func TestForsakenTransaction(t *testing.T) {
	target := storagetest.Target(t, storage.Postgres)
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("idle_in_transaction_session_timeout", "100")
	u.RawQuery = q.Encode()
	stopped, err := storage.Open(t.Context(), u.String(), storage.WithLogger(quiet()))
	if err != nil {
		t.Fatal(err)
	}
	defer stopped.Close()
	other, err := storage.Open(t.Context(), target, storage.WithLogger(quiet()))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Migrate(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	if err := other.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "a", "x") }); err != nil {
		t.Fatal(err)
	}
	for how, after := range map[string]storage.WriteFunc{
		"at a statement": func(tx *storage.Tx) error { return add(tx, "b", "x") },
		"at the commit":  func(*storage.Tx) error { return nil },
	} {
		held, went, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- stopped.Write(t.Context(), func(tx *storage.Tx) error {
				if _, err := tx.Exec(`delete from note`); err != nil {
					return err
				}
				close(held)
				<-went
				return after(tx)
			})
		}()
		<-held
		err = other.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`update note set body = 'y'`)
			return err
		})
		close(went)
		if err != nil {
			t.Errorf("%s: who waited: %v", how, err)
		}
		if err := <-ended; fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: who stopped: %v", how, err)
		}
	}
	want(t, other, "a")
}

// It is asked of every server for what holds locks, unless its operator's address says
// otherwise. A read holds none, and an export may rest while its reader is slow.
func TestForsakenIsAskedFor(t *testing.T) {
	db, err := storage.Open(t.Context(), storagetest.Target(t, storage.Postgres), storage.WithLogger(quiet()))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var write, read, export string
	set := func(r storage.Reader, to *string) error {
		return r.Row(`select current_setting('idle_in_transaction_session_timeout')`).Scan(to)
	}
	if err := errors.Join(
		db.Write(t.Context(), func(tx *storage.Tx) error { return set(tx, &write) }),
		db.Read(t.Context(), func(r storage.Reader) error { return set(r, &read) }),
		db.Export(t.Context(), func(r storage.Reader) error { return set(r, &export) }),
	); err != nil || write != "5s" || read == "5s" || export == "5s" {
		t.Errorf("write %q, read %q, export %q, %v", write, read, export, err)
	}
}

// A server that does not answer is waited for as long as the caller may take, and then
// nothing was done.
func TestWriteIntoSilence(t *testing.T) {
	b, db := openBetween(t)
	b.cut.Store(4)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := db.Write(ctx, func(tx *storage.Tx) error { return add(tx, "a", "x") })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	b.cut.Store(0)
	want(t, db, "")
}
