package eventlog_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

const (
	tamperFacts = 700 // more than two tiles
	tamperKept  = 650 // sealed when the outside checkpoint was taken
)

// TestTampering alters the store behind the program's back in every way we can
// think of, and asks the verifier for the first bad place and the reason.
func TestTampering(t *testing.T) {
	// "outside" runs the verifier with the checkpoint that was taken at 650.
	cases := []struct {
		name    string
		do      []string
		outside bool
		first   int64
		reason  string // "" when it cannot be seen
	}{
		{name: "nothing"},
		{name: "nothing, outside", outside: true},
		{name: "bytes", do: []string{`update eventlog_fact set bytes = (select bytes from eventlog_fact where seq = 3) where seq = 300`, `update eventlog_fact set bytes = (select bytes from eventlog_fact where seq = 3) where seq = 400`}, first: 300, reason: "do not hash"},
		{name: "first", do: []string{`update eventlog_fact set bytes = (select bytes from eventlog_fact where seq = 3) where seq = 1`}, first: 1, reason: "do not hash"},
		{name: "last, in the open tile", do: []string{`update eventlog_fact set bytes = (select bytes from eventlog_fact where seq = 3) where seq = 700`}, first: 700, reason: "do not hash"},
		{name: "column name", do: []string{`update eventlog_fact set name = 'workresume.certified' where seq = 512`}, first: 512, reason: "columns"},
		{name: "column at", do: []string{`update eventlog_fact set at = at + 1 where seq = 2`}, first: 2, reason: "columns"},
		{name: "column stream", do: []string{`update eventlog_fact set stream = 'firm:z' where seq = 77`}, first: 77, reason: "columns"},
		{name: "column lane", do: []string{`update eventlog_fact set lane = 5 where seq = 78`}, first: 78, reason: "columns"},
		{name: "column id", do: []string{`update eventlog_fact set id = 'fct_0' where seq = 79`}, first: 79, reason: "columns"},
		{name: "swapped rows", do: []string{`update eventlog_fact set seq = -1 where seq = 256`, `update eventlog_fact set seq = 256 where seq = 257`, `update eventlog_fact set seq = 257 where seq = -1`}, first: 256, reason: "do not hash"},
		{name: "deleted middle", do: []string{`delete from eventlog_fact where seq = 100`}, first: 100, reason: "missing"},
		{name: "deleted first", do: []string{`delete from eventlog_fact where seq = 1`}, first: 1, reason: "missing"},
		{name: "deleted tail", do: []string{`delete from eventlog_fact where seq > 600`}, first: 601, reason: "missing"},
		{name: "deleted tail, outside", do: []string{`delete from eventlog_fact where seq > 600`}, outside: true, first: 601, reason: "shorter than the checkpoint"},
		{name: "deleted tail after the checkpoint, outside", do: []string{`delete from eventlog_fact where seq > 660`}, outside: true, first: 661, reason: "missing"},
		{name: "deleted all", do: []string{`delete from eventlog_fact where seq > 0`}, first: 1, reason: "missing"},
		{name: "added at the end", do: []string{`insert into eventlog_fact (seq, id, stream, lane, name, at, bytes) select 701, 'fct_x', stream, lane, name, at, bytes from eventlog_fact where seq = 9`}, first: 701, reason: "never sealed"},
		{name: "added before the start", do: []string{`insert into eventlog_fact (seq, id, stream, lane, name, at, bytes) select 0, 'fct_x', stream, lane, name, at, bytes from eventlog_fact where seq = 9`}, first: 1, reason: "before the first"},
		{name: "root", do: []string{`update eventlog_head set root = (select substr(hashes, 1, 32) from eventlog_tile where level = 0 and n = 0)`}, reason: "not the root in the log's head"},
		{name: "sealed leaves", do: []string{`update eventlog_tile set hashes = (select hashes from eventlog_tile where level = 0 and n = 0) where level = 0 and n = 1`}, first: 257, reason: "do not hash"},
		{name: "upper tile", do: []string{`update eventlog_tile set hashes = (select hashes from eventlog_tile where level = 0 and n = 0) where level = 1`}, reason: "tile 0 of level 1"},
		{name: "checkpoint", do: []string{`update eventlog_checkpoint set note = 'district.example'`}, reason: "not signed by this log"},
	}
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		kept := fill(t, db, l)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				var outside []byte
				if c.outside {
					outside = kept
				}
				var rep eventlog.Report
				if err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
					for _, s := range c.do {
						if _, err := tx.Exec(s); err != nil {
							return err
						}
					}
					if rep, err = l.VerifyIn(tx, outside); err != nil {
						return err
					}
					return errRefused // undo it
				}); !errors.Is(err, errRefused) {
					t.Fatal(err)
				}
				compareReport(t, rep, c.first, c.reason)
			})
		}
	})
}

// fill records the facts of a tamper case and returns the outside checkpoint.
func fill(t *testing.T, db *storage.DB, l *eventlog.Log) (outside []byte) {
	t.Helper()
	facts := make([]eventlog.Fact, tamperFacts)
	for i := range facts {
		facts[i] = filed(fmt.Sprint(i%9), i)
		if i%5 == 0 {
			facts[i] = about(fmt.Sprintf("per_%d", i%50), i)
		}
	}
	record(t, db, l, facts[:tamperKept]...)
	outside = seal(t, l)
	record(t, db, l, facts[tamperKept:]...)
	seal(t, l)
	return outside
}

func spoil(t *testing.T, db *storage.DB, statements ...string) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *storage.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, l *eventlog.Log, outside []byte, first int64, reason string) {
	t.Helper()
	rep, err := l.Verify(t.Context(), outside)
	if err != nil {
		t.Fatal(err)
	}
	compareReport(t, rep, first, reason)
}

func compareReport(t *testing.T, rep eventlog.Report, first int64, reason string) {
	t.Helper()
	var got int64
	if rep.FirstBad != nil {
		got = *rep.FirstBad
	}
	if rep.OK != (reason == "") || got != first || !strings.Contains(rep.Reason, reason) || rep.OK != (rep.Reason == "") || rep.OK != (rep.Code == "") {
		t.Errorf("got %+v, first bad %d; want first %d, %q", rep, got, first, reason)
	}
}

// TestCutAndRebuilt is the strongest attack: the end of the log is cut off and
// head, tree and stored checkpoint are rebuilt to match. Only a checkpoint that
// somebody keeps elsewhere shows it; the case without is the proof that it must
// be kept.
func TestCutAndRebuilt(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		ring := ringOf(t)
		l := open(t, db, ring)
		outside := fill(t, db, l)
		rebuild := func(keep int) {
			other := storagetest.Open(t, storage.SQLite, mods...)
			l2 := open(t, other, ring)
			facts := make([]eventlog.Fact, keep)
			for i := range facts {
				facts[i] = filed("x", i)
			}
			record(t, other, l2, facts...)
			copyLog(t, other, db)
		}
		rebuild(600)
		expect(t, l, nil, 0, "")
		expect(t, l, outside, 601, "shorter than the checkpoint")
		rebuild(690)
		expect(t, l, nil, 0, "")
		expect(t, l, outside, 0, "history is not the checkpoint's")
	})
}

// copyLog replaces a log by another one, checkpoint left out.
func copyLog(t *testing.T, from, to *storage.DB) {
	t.Helper()
	spoil(t, to, `delete from eventlog_fact`, `delete from eventlog_tile`, `update eventlog_checkpoint set size = 0, note = ''`)
	type table struct {
		read, write string
		columns     int
	}
	for _, tb := range []table{
		{`select seq, id, stream, lane, name, at, bytes from eventlog_fact`, `insert into eventlog_fact (seq, id, stream, lane, name, at, bytes) values ($1, $2, $3, $4, $5, $6, $7)`, 7},
		{`select level, n, hashes from eventlog_tile`, `insert into eventlog_tile (level, n, hashes) values ($1, $2, $3)`, 3},
		{`select size, root from eventlog_head`, `update eventlog_head set size = $1, root = $2`, 2},
	} {
		if err := from.Read(t.Context(), func(r storage.Reader) error {
			rows, err := r.Query(tb.read)
			if err != nil {
				return err
			}
			defer rows.Close()
			return to.Write(t.Context(), func(tx *storage.Tx) error {
				for rows.Next() {
					values := make([]any, tb.columns)
					into := make([]any, tb.columns)
					for i := range values {
						into[i] = &values[i]
					}
					if err := rows.Scan(into...); err != nil {
						return err
					}
					if _, err := tx.Exec(tb.write, values...); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestForeignCheckpoints(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		outside := fill(t, db, l)
		altered := []byte(strings.Replace(string(outside), "\n650\n", "\n640\n", 1))
		otherRing, _ := keyring.New()
		otherDB := storagetest.Open(t, storage.SQLite, mods...)
		other, err := eventlog.New(otherDB, otherRing, clock.Wall, origin)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string][]byte{
			"altered": altered, "another log's": seal(t, other), "not a checkpoint": []byte("hello\n"), "empty": {},
		} {
			t.Run(name, func(t *testing.T) { expect(t, l, c, 0, "not signed by this log") })
		}
	})
}
