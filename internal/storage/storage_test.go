package storage_test

import (
	"testing"
	"testing/fstest"

	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var notes = storage.Module{Name: "notes", Files: fstest.MapFS{"schema/0001_note.sql": {Data: []byte(`create table note (id text not null primary key, body text not null) FLAT`)}}}

func TestWriteRead(t *testing.T) {
	storagetest.Run(t, []storage.Module{notes}, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`insert into note (id, body) values ($1, $2)`, "a", "hello")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			var body string
			if err := r.Row(`select body from note where id = $1`, "a").Scan(&body); err != nil {
				return err
			}
			if body != "hello" {
				t.Errorf("body %q", body)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
