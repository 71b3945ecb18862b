package eventlog

import (
	"bytes"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/storage"
)

// walk is one pass over the log.
type walk struct {
	r         storage.Reader
	rep       *Report
	size      int64 // facts, as the head says
	last      checkpoint
	lastFalse bool
	given     *checkpoint
	edge      *edge // recomputed from the bytes
	// The recomputed roots at the checkpoints' sizes.
	lastRoot, givenRoot tlog.Hash
	segment             int64   // facts per segment of the stream index
	streams             buckets // the index of the segment under way
}

// verifyPage is how many facts are read at a time: whole tiles.
const verifyPage = 16 * tileWidth

func (w *walk) facts() error {
	w.mark()
	for after := int64(0); ; after += verifyPage {
		leaves, err := w.sealedLeaves(after)
		if err != nil {
			return err
		}
		n, err := w.page(after, leaves)
		if err != nil || !w.rep.OK {
			return err
		}
		if err := w.upper(); err != nil || !w.rep.OK {
			return err
		}
		if w.edge.size%w.segment == 0 && n > 0 { // a segment is whole pages
			if err := w.index(); err != nil || !w.rep.OK {
				return err
			}
		}
		if n < verifyPage {
			break
		}
	}
	if w.given != nil && w.edge.size < w.given.size {
		w.shorter(*w.given, "the log is shorter than the checkpoint")
	} else if w.edge.size < w.size {
		w.missing(w.edge.size + 1)
	}
	return nil
}

func (w *walk) missing(seq int64) {
	w.rep.fail(seq, badMissing, fmt.Sprintf("fact %d is missing", seq), "seq", seq)
}

func (w *walk) shorter(c checkpoint, what string) {
	w.rep.fail(w.edge.size+1, badShorter, fmt.Sprintf("%s: %d facts, the checkpoint has %d", what, w.edge.size, c.size),
		"facts", w.edge.size, "size", c.size)
}

// sealedLeaves returns the stored leaf hashes of a page, by place.
func (w *walk) sealedLeaves(after int64) ([]byte, error) {
	leaves := make([]byte, verifyPage*tlog.HashSize)
	first := after / tileWidth
	_, err := storage.All(w.r, func(rows *sql.Rows) (struct{}, error) {
		var n int64
		var b []byte
		err := rows.Scan(&n, &b)
		if err == nil {
			at := (n - first) * tileWidth * tlog.HashSize
			copy(leaves[at:at+tileWidth*tlog.HashSize], b)
		}
		return struct{}{}, err
	}, `select n, hashes from eventlog_tile where level = 0 and n >= $1 and n < $2 order by n`, first, first+verifyPage/tileWidth)
	return leaves, err
}

// page checks one page of facts and says how many there were. Columns are read
// as raw bytes: half a million facts must not become half a million garbage texts.
func (w *walk) page(after int64, leaves []byte) (int, error) {
	rows, err := w.r.Query(`select seq, id, stream, lane, name, at, bytes from eventlog_fact where seq > $1 order by seq limit $2`, after, verifyPage)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var seq, lane, at int64
		var id, stream, name, b sql.RawBytes
		if err := rows.Scan(&seq, &id, &stream, &lane, &name, &at, &b); err != nil {
			return n, err
		}
		want := w.edge.size + 1
		h := tlog.RecordHash(b)
		switch f, _, err := decode(b); {
		case seq != want:
			w.missing(want)
		case seq > w.size:
			w.rep.fail(seq, badUnsealed, fmt.Sprintf("fact %d was never sealed", seq), "seq", seq)
		case !bytes.Equal(h[:], leaves[(seq-1-after)*tlog.HashSize:][:tlog.HashSize]):
			w.rep.fail(seq, badBytes, fmt.Sprintf("the bytes of fact %d do not hash to the sealed leaf", seq), "seq", seq)
		case err != nil, f.id != string(id), f.stream != string(stream), f.name != string(name), f.at != at, laneOf(f.stream) != lane:
			w.rep.fail(seq, badColumns, fmt.Sprintf("the columns of fact %d do not agree with its bytes", seq), "seq", seq)
		default:
			w.edge.add(h)
			w.streams.add((seq-1)%w.segment+1, lane)
			w.mark()
			continue
		}
		return n, nil
	}
	return n, rows.Err()
}

// mark notes the recomputed root when a checkpoint speaks of this size.
func (w *walk) mark() {
	if w.edge.size == w.last.size {
		w.edge.finish()
		w.lastRoot = w.edge.root
	}
	if w.given != nil && w.edge.size == w.given.size {
		w.edge.finish()
		w.givenRoot = w.edge.root
	}
}

// upper compares completed tiles above the leaves with the stored ones.
func (w *walk) upper() error {
	for _, t := range w.edge.flush() {
		if t.level == 0 {
			continue
		}
		var b []byte
		err := w.r.Row(`select hashes from eventlog_tile where level = $1 and n = $2`, t.level, t.n).Scan(&b)
		if err != nil && !storage.NoRows(err) {
			return err
		}
		if !bytes.HasPrefix(b, t.hashes) {
			w.rep.fail(0, badTree, fmt.Sprintf("tile %d of level %d of the tree does not follow from the facts", t.n, t.level))
			return nil
		}
	}
	return nil
}

// index compares a complete segment of the stream index, if it was written yet:
// a false one would hide facts from the history of a stream.
func (w *walk) index() error {
	segment := w.edge.size/w.segment - 1
	made := w.streams
	w.streams = buckets{}
	n, err := indexed(w.r)
	if err != nil || segment >= n {
		return err
	}
	_, err = storage.All(w.r, func(rows *sql.Rows) (struct{}, error) {
		var b int64
		var posts sql.RawBytes
		err := rows.Scan(&b, &posts)
		if err == nil && b >= 0 && b < int64(len(made)) && bytes.Equal(made[b], posts) {
			made[b] = nil
		}
		return struct{}{}, err
	}, `select bucket, posts from eventlog_lane where segment = $1`, segment)
	for _, left := range made {
		if left != nil && err == nil {
			w.rep.fail(0, badIndex, fmt.Sprintf("segment %d of the index of streams does not follow from the facts", segment))
			break
		}
	}
	return err
}

// ends compares the recomputed tree with what was signed.
func (w *walk) ends() error {
	switch {
	case w.given != nil && w.givenRoot != w.given.root:
		w.rep.fail(0, badHistory, "the log's history is not the checkpoint's")
	case w.lastFalse:
		w.rep.fail(0, badNote, "the stored checkpoint was not signed by this log")
	case w.last.size > w.edge.size:
		w.shorter(w.last, "the log is shorter than the checkpoint it last signed")
	case w.last.note != nil && w.lastRoot != w.last.root:
		w.rep.fail(0, badHistory, "the log's history is not that of the checkpoint it last signed")
	}
	return nil
}
