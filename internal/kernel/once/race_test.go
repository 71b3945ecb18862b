package once_test

import (
	"context"
	"database/sql"
	"testing"

	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// Why Do claims before it looks. Two senders of one command interleave at
// PostgreSQL's READ COMMITTED in the worst order, step by step and without
// timing. The one that looks first acts twice: this is the negative control.
// The one that claims first acts once.
func TestLookingFirstActsTwice(t *testing.T) {
	for _, c := range []struct {
		name       string
		claimFirst bool
		want       int
	}{{"look first", false, 2}, {"claim first", true, 1}} {
		t.Run(c.name, func(t *testing.T) {
			target := storagetest.Target(t, storage.Postgres)
			db, err := storage.Open(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			if err := db.Migrate(t.Context(), once.Module(), effects); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("pgx", target)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { raw.Close() })
			first, second := begin(t, raw, "first"), begin(t, raw, "second")
			if c.claimFirst {
				if !first.claim() {
					t.Fatal("the first claim was refused")
				}
				// The second's claim waits for the first's commit, so it runs aside.
				won := make(chan bool)
				go func() { won <- second.claim() }()
				first.act()
				first.commit()
				if <-won {
					second.act()
				}
				second.commit()
			} else {
				a, b := first.free(), second.free()
				for _, s := range []struct {
					*sender
					free bool
				}{{first, a}, {second, b}} {
					if s.free {
						s.act()
						s.claim()
					}
					s.commit()
				}
			}
			if n := count(t, db, "effect"); n != c.want {
				t.Errorf("%d effects, want %d", n, c.want)
			}
		})
	}
}

type sender struct {
	t    *testing.T
	ctx  context.Context
	tx   *sql.Tx
	name string
}

func begin(t *testing.T, db *sql.DB, name string) *sender {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	return &sender{t, t.Context(), tx, name}
}

// free looks whether the key was used.
func (s *sender) free() bool {
	var n int
	s.must(s.tx.QueryRowContext(s.ctx, `select count(*) from once_key where key = 'k' and principal = '' and operation = ''`).Scan(&n))
	return n == 0
}

// claim is Do's first statement.
func (s *sender) claim() bool {
	res, err := s.tx.ExecContext(s.ctx, `insert into once_key (key, principal, operation, digest, answer, at)
values ('k', '', '', '\x00', '', 0) on conflict (key, principal, operation) do nothing`)
	s.must(err)
	if err != nil {
		return false
	}
	n, err := res.RowsAffected()
	s.must(err)
	return n == 1
}

func (s *sender) act() {
	_, err := s.tx.ExecContext(s.ctx, `insert into effect (id, note) values ($1, 'done')`, s.name)
	s.must(err)
}

func (s *sender) commit() { s.must(s.tx.Commit()) }

func (s *sender) must(err error) {
	if err != nil {
		s.t.Errorf("%s: %v", s.name, err)
	}
}
