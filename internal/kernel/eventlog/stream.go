package eventlog

import (
	"context"
	"database/sql"
	"encoding/binary"
	"slices"
	"sync"

	"breakwater/internal/storage"
)

const (
	segmentSize = 1 << 16 // facts per segment of the stream index, and no more: a place in it has 2 bytes
	postSize    = 6       // bytes per fact in it
)

// Stream returns up to limit facts of one stream, newest first, those still
// without a place included. The youngest up to 65,536 facts are found by a list
// in memory, read from the store at the first call; older ones by one small row
// per segment. It is for a screen's history, not for a path taken by everyone.
func (l *Log) Stream(ctx context.Context, stream string, limit int) (recs []Record, err error) {
	limit = min(limit, readMost)
	lane := laneOf(stream)
	err = l.db.Read(ctx, func(r storage.Reader) error {
		found, err := storage.All(r, scanStored, unsealedColumns+`where lane = $1 and stream = $2 order by id desc limit $3`, lane, stream, limit)
		if err != nil {
			return err
		}
		if found, err = l.sealedOf(r, lane, stream, limit, found); err != nil {
			return err
		}
		recs, err = l.open(r, found)
		return err
	})
	return recs, err
}

// sealedOf appends the newest sealed facts of a stream until there are limit.
func (l *Log) sealedOf(r storage.Reader, lane int64, stream string, limit int, found []stored) ([]stored, error) {
	segments, err := indexed(r)
	if err != nil || len(found) >= limit {
		return found, err
	}
	places, err := l.tail.find(r, segments*l.segment, lane)
	if err != nil {
		return nil, err
	}
	for {
		if found, err = fetch(r, places, stream, limit, found); err != nil || len(found) >= limit || segments == 0 {
			return found, err
		}
		segments--
		if places, err = posted(r, segments, l.segment, lane); err != nil {
			return nil, err
		}
	}
}

// indexed is how many segments the index has.
func indexed(r storage.Reader) (n int64, err error) {
	err = r.Row(`select coalesce(max(segment), -1) + 1 from eventlog_lane`).Scan(&n)
	return n, err
}

// fetch reads the facts at these places, the last first. Two streams may share a
// lane, so the stream itself decides.
func fetch(r storage.Reader, places []int64, stream string, limit int, found []stored) ([]stored, error) {
	for len(places) > 0 && len(found) < limit {
		some := slices.Clone(places[max(0, len(places)-64):])
		places = places[:len(places)-len(some)]
		for len(some)&(len(some)-1) != 0 {
			some = append(some, some[0]) // up to a power of two: few statement texts
		}
		list, args := storage.In(2, some)
		more, err := storage.All(r, scanStored, sealedColumns+`where stream = $1 and seq in (`+list+`) order by seq desc`, append([]any{stream}, args...)...)
		if err != nil {
			return nil, err
		}
		found = append(found, more[:min(len(more), limit-len(found))]...)
	}
	return found, nil
}

// bucketOf splits a lane into the index's row and the bytes kept in it.
func bucketOf(lane int64) (bucket int64, rest uint32) {
	return int64(uint64(lane) >> 56), uint32(uint64(lane) >> 24)
}

// posted returns the places of a lane in one segment, ascending.
func posted(r storage.Reader, segment, size, lane int64) (places []int64, err error) {
	bucket, rest := bucketOf(lane)
	var posts []byte
	err = r.Row(`select posts from eventlog_lane where segment = $1 and bucket = $2`, segment, bucket).Scan(&posts)
	if storage.NoRows(err) {
		return nil, nil
	}
	for ; len(posts) >= postSize; posts = posts[postSize:] {
		if binary.BigEndian.Uint32(posts) == rest {
			places = append(places, segment*size+int64(binary.BigEndian.Uint16(posts[4:]))+1)
		}
	}
	return places, err
}

// buckets are one segment of the index being made.
type buckets [256][]byte

// add notes the lane of the nth fact of the segment, from 1.
func (b *buckets) add(n, lane int64) {
	bucket, rest := bucketOf(lane)
	p := binary.BigEndian.AppendUint32(b[bucket], rest)
	b[bucket] = binary.BigEndian.AppendUint16(p, uint16(n-1))
}

// indexStreams writes the segments that are complete and not indexed yet. Nodes
// may do so at once; the first one's rows stay, and they are the same.
func (l *Log) indexStreams(ctx context.Context) error {
	for {
		var segment int64
		var made buckets
		full := false
		if err := l.db.Read(ctx, func(r storage.Reader) error {
			var err error
			if segment, err = indexed(r); err != nil {
				return err
			}
			size, _, err := readHead(r)
			if full = size >= (segment+1)*l.segment; err != nil || !full {
				return err
			}
			made = buckets{}
			return lanes(r, segment*l.segment, (segment+1)*l.segment, func(seq, lane int64) { made.add(seq-segment*l.segment, lane) })
		}); err != nil || !full {
			return err
		}
		if err := l.db.WriteLow(ctx, func(tx *storage.Tx) error {
			for b, posts := range made {
				if len(posts) == 0 {
					continue
				}
				if _, err := tx.Exec(`insert into eventlog_lane (segment, bucket, posts) values ($1, $2, $3) on conflict (segment, bucket) do nothing`,
					segment, int64(b), posts); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

// lanes tells each the lanes of the facts after a place up to another, in order.
func lanes(r storage.Reader, after, upTo int64, each func(seq, lane int64)) error {
	_, err := storage.All(r, func(rows *sql.Rows) (struct{}, error) {
		var seq, lane int64
		err := rows.Scan(&seq, &lane)
		if err == nil {
			each(seq, lane)
		}
		return struct{}{}, err
	}, `select seq, lane from eventlog_fact where seq > $1 and seq <= $2 order by seq`, after, upTo)
	return err
}

// laneTail keeps the lanes of the facts after the last indexed segment: eight
// bytes a fact, so that an index need not be written with every fact.
type laneTail struct {
	mu    sync.Mutex
	after int64   // the list begins after this place
	lanes []int64 // one a fact, gapless
}

// find returns the places of a lane after a place, ascending, as r sees them.
func (t *laneTail) find(r storage.Reader, after, lane int64) (places []int64, err error) {
	size, _, err := readHead(r)
	if err != nil || size < after {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if after > t.after {
		// Another segment is indexed. A reader of an older snapshot may still
		// come; it starts the list anew, which costs time and nothing else.
		t.lanes = slices.Clone(t.lanes[min(after-t.after, int64(len(t.lanes))):])
		t.after = after
	} else if after < t.after {
		t.after, t.lanes = after, nil
	}
	if have := t.after + int64(len(t.lanes)); have < size {
		// A deleted fact, which only tampering makes, leaves its lane zero.
		more := make([]int64, size-have)
		if err := lanes(r, have, size, func(seq, lane int64) { more[seq-have-1] = lane }); err != nil {
			return nil, err
		}
		t.lanes = append(t.lanes, more...)
	}
	for i, l := range t.lanes[:size-t.after] {
		if l == lane {
			places = append(places, t.after+int64(i)+1)
		}
	}
	return places, nil
}
