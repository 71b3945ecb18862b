package eventlog

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"breakwater/internal/fault"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// reference is tlog's own storage of every hash.
type reference struct {
	hashes []tlog.Hash
	size   int64
}

func (r *reference) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = r.hashes[x]
	}
	return out, nil
}

func (r *reference) add(t tlog.HashReader, h tlog.Hash) error {
	more, err := tlog.StoredHashesForRecordHash(r.size, h, t)
	r.hashes, r.size = append(r.hashes, more...), r.size+1
	return err
}

// TestEdgeIsTlogs extends the tree in batches of any size, some rolled back,
// some after forgetting everything in memory, and compares root and every proof
// with golang.org/x/mod/sumdb/tlog over the same leaves.
func TestEdgeIsTlogs(t *testing.T) {
	storagetest.Run(t, []storage.Module{Module()}, func(t *testing.T, db *storage.DB) {
		ring, err := keyring.New()
		if err != nil {
			t.Fatal(err)
		}
		seed := 0
		rapid.Check(t, func(rt *rapid.T) {
			if seed++; seed > 12 {
				return // a store takes its time; twelve logs are enough a run
			}
			for _, table := range []string{"head", "tile"} {
				if err := db.Write(t.Context(), func(tx *storage.Tx) error {
					_, err := tx.Exec("delete from eventlog_" + table)
					return err
				}); err != nil {
					rt.Fatal(err)
				}
			}
			l := &Log{db: db, ring: ring, origin: "o.example"}
			if err := l.begin(t.Context()); err != nil {
				rt.Fatal(err)
			}
			ref := new(reference)
			memory := []*edge{nil}
			for range rapid.IntRange(1, 8).Draw(rt, "batches") {
				n := rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(250, 260), rapid.IntRange(1, 1500)).Draw(rt, "facts")
				undo := rapid.IntRange(0, 3).Draw(rt, "undo") == 0
				// What is in memory may be nothing, or of any earlier moment, as
				// after a commit that was thought lost.
				memory = append(memory, l.edge.get())
				if rapid.Bool().Draw(rt, "forget") {
					l.edge.set(rapid.SampledFrom(memory).Draw(rt, "memory"))
				}
				var leaves []tlog.Hash
				err := db.Write(t.Context(), func(tx *storage.Tx) error {
					leaves = leaves[:0]
					next, err := l.extend(tx, n, func(i int) tlog.Hash {
						var b [9]byte
						binary.BigEndian.PutUint64(b[:], uint64(ref.size)+uint64(i))
						if undo {
							b[8] = 1 // what is rolled back must differ from what follows
						}
						leaves = append(leaves, tlog.RecordHash(b[:]))
						return leaves[len(leaves)-1]
					})
					if err == nil && undo {
						return errLeaf
					}
					_ = next
					return err
				})
				if undo {
					if !errors.Is(err, errLeaf) {
						rt.Fatal(err)
					}
					continue
				}
				if err != nil {
					rt.Fatal(err)
				}
				for _, h := range leaves[len(leaves)-n:] {
					if err := ref.add(ref, h); err != nil {
						rt.Fatal(err)
					}
				}
				compare(rt, db, ref, rapid.Int64Range(0, ref.size-1).Draw(rt, "leaf"), rapid.Int64Range(1, ref.size).Draw(rt, "older"))
			}
		})
	})
}

func compare(rt *rapid.T, db *storage.DB, ref *reference, leaf, older int64) {
	want, err := tlog.TreeHash(ref.size, ref)
	if err != nil {
		rt.Fatal(err)
	}
	if err := db.Read(rt.Context(), func(r storage.Reader) error {
		size, root, err := readHead(r)
		if err != nil {
			return err
		}
		if size != ref.size || root != want {
			rt.Fatalf("head %d %v, reference %d %v", size, root, ref.size, want)
		}
		if e, err := loadEdge(r); err != nil || e.root != want {
			rt.Fatalf("reloaded: %v", err)
		}
		var proof tlog.RecordProof
		if _, err := onTree(r, size, root, func(h tlog.HashReader) (err error) {
			proof, err = tlog.ProveRecord(size, leaf, h)
			return err
		}); err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, size, want, leaf, ref.hashes[tlog.StoredHashIndex(0, leaf)]); err != nil {
			return err
		}
		was, err := tlog.TreeHash(older, ref)
		if err != nil {
			return err
		}
		return consistent(r, checkpoint{size: older, root: was}, checkpoint{size: size, root: root})
	}); err != nil {
		rt.Fatal(err)
	}
}

func TestDamagedTreeIsNotExtended(t *testing.T) {
	for name, spoil := range map[string]string{
		"tile altered": `update eventlog_tile set hashes = $1 where level = 0`,
		"tile gone":    `delete from eventlog_tile where length(hashes) > 0 and length($1) > 0`,
		"root altered": `update eventlog_head set root = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			db := storagetest.Open(t, storage.SQLite, Module())
			l := &Log{db: db, origin: "o.example"}
			l.ring, _ = keyring.New()
			if err := l.begin(t.Context()); err != nil {
				t.Fatal(err)
			}
			add := func(tx *storage.Tx) error {
				_, err := l.extend(tx, 3, func(i int) tlog.Hash { return tlog.RecordHash([]byte{byte(i)}) })
				return err
			}
			if err := db.Write(t.Context(), add); err != nil {
				t.Fatal(err)
			}
			if err := db.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(spoil, make([]byte, 3*tlog.HashSize))
				return err
			}); err != nil {
				t.Fatal(err)
			}
			l.edge.set(nil)
			if err := db.Write(t.Context(), add); !fault.Is(err, "eventlog.damaged") {
				t.Error(err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	lf := leaf{id: "fct_1", stream: "a:b", name: "a.b", actor: "system", at: 5}
	f.Add(append(lf.head(0), make([]byte, saltSize+2)...))
	lf.sealed, lf.key = true, "key_1"
	f.Add(append(lf.head(0), make([]byte, nonceSize+16)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, head, err := decode(b)
		if err != nil {
			return
		}
		// One encoding of a fact: no two byte strings say the same.
		if again := append(got.head(0), got.body...); string(again) != string(b) || len(head)+len(got.body) != len(b) {
			t.Errorf("%x decodes to %+v, which is %x", b, got, again)
		}
	})
}
