package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// Log is the event log, where the journal is anchored.
type Log interface {
	Append(tx *storage.Tx, f eventlog.Fact) (string, error)
	Stream(ctx context.Context, stream string, limit int) ([]eventlog.Record, error)
}

// FactAnchored says how a journal stood; its stream is "book:" and the book's id.
const FactAnchored = "ledger.anchored"

// Anchor is the body of FactAnchored: the digest of batch N, which covers everything
// before it. Whoever can write to the database could alter a journal and make all its
// digests anew; what the log has sealed and others keep, they cannot.
type Anchor struct {
	N      int64  `json:"n"`
	Digest string `json:"digest"` // hex
}

// anchorEvery is how often a busy book is anchored. One that rests is anchored with
// its next batch, so that the last batches of a day wait for the next.
const anchorEvery = int64(time.Minute / time.Microsecond)

// anchor records how the journal stood before this batch, if that is due.
func (d *desk) anchor(tx *storage.Tx, at int64) error {
	log, s := d.books.log, d.state
	if d.anchors = log != nil && s.n > 0 && at-d.anchored >= anchorEvery; !d.anchors {
		return nil
	}
	_, err := log.Append(tx, eventlog.Fact{
		Stream: stream(d.book), Name: FactAnchored, Actor: "system", At: d.books.now(),
		Body: Anchor{N: s.n, Digest: hex.EncodeToString(s.digest)},
	})
	return err
}

func stream(book BookID) string { return "book:" + string(book) }

// anchors reads the last anchor of each book, where there is one.
func anchors(ctx context.Context, log Log, books []BookID) (map[BookID]Anchor, error) {
	out := map[BookID]Anchor{}
	if log == nil {
		return out, nil
	}
	for _, book := range books {
		recs, err := log.Stream(ctx, stream(book), 1)
		if err != nil {
			return nil, err
		}
		for _, rec := range recs {
			var a Anchor
			if rec.Name == FactAnchored && json.Unmarshal(rec.Body, &a) == nil {
				out[book] = a
			}
		}
	}
	return out, nil
}
