package eventlog

import (
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// tile is one row of the stored tree.
type tile struct {
	level, n int64
	hashes   []byte
}

// edge is the right edge of the tree: all that is needed to extend it, a few
// kilobytes however long the log. One NodeHash a fact on average.
type edge struct {
	size int64
	root tlog.Hash
	// peak[i] is the root of the complete subtree of 2^i facts at the right
	// edge; it exists when bit i of size is set.
	peak [63]tlog.Hash
	// open[l] is the tile of level l still being filled.
	open [][]byte
	// full collects the tiles completed since the last flush; grown says which
	// levels' open tiles changed since.
	full  []tile
	grown []bool
}

func (e *edge) clone() *edge {
	c := &edge{size: e.size, root: e.root, peak: e.peak, open: make([][]byte, len(e.open)), grown: make([]bool, len(e.open))}
	for i, b := range e.open {
		c.open[i] = append(make([]byte, 0, tileWidth*tlog.HashSize), b...)
	}
	return c
}

// add appends a leaf hash. The root is brought up to date by finish.
func (e *edge) add(h tlog.Hash) {
	e.put(0, h)
	level := 0
	for ; e.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(e.peak[level], h)
		if (level+1)%tileHeight == 0 {
			e.put((level+1)/tileHeight, h)
		}
	}
	e.peak[level] = h
	e.size++
}

func (e *edge) put(level int, h tlog.Hash) {
	if level == len(e.open) {
		e.open, e.grown = append(e.open, make([]byte, 0, tileWidth*tlog.HashSize)), append(e.grown, false)
	}
	e.open[level] = append(e.open[level], h[:]...)
	e.grown[level] = true
	if len(e.open[level]) == tileWidth*tlog.HashSize {
		// e.size does not count this leaf yet; its tile is the same either way.
		e.full = append(e.full, tile{level: int64(level), n: e.size >> (tileHeight * (level + 1)), hashes: e.open[level]})
		e.open[level], e.grown[level] = make([]byte, 0, tileWidth*tlog.HashSize), false
	}
}

// finish computes the root (RFC 6962, section 2.1).
func (e *edge) finish() {
	var h tlog.Hash
	found := false
	for i := range e.peak {
		if e.size>>i&1 == 0 {
			continue
		}
		if !found {
			h, found = e.peak[i], true
		} else {
			h = tlog.NodeHash(e.peak[i], h)
		}
	}
	if !found {
		h, _ = tlog.TreeHash(0, nil)
	}
	e.root = h
}

// flush returns the tiles to write since the last flush, completed ones first.
func (e *edge) flush() []tile {
	out := e.full
	for l, b := range e.open {
		if e.grown[l] {
			out = append(out, tile{level: int64(l), n: e.size >> (tileHeight * (l + 1)), hashes: b})
			e.grown[l] = false
		}
	}
	e.full = nil
	return out
}

// loadEdge rebuilds the edge from the stored tree.
//
// Faults: Internal "eventlog.damaged" when tiles and head do not agree: going on
// would sign over the damage.
func loadEdge(r storage.Reader) (*edge, error) {
	size, root, err := readHead(r)
	if err != nil {
		return nil, err
	}
	e := &edge{size: size}
	for l := 0; size>>(tileHeight*l) > 0; l++ {
		width := size >> (tileHeight * l) & (tileWidth - 1)
		e.open, e.grown = append(e.open, make([]byte, 0, tileWidth*tlog.HashSize)), append(e.grown, false)
		if width == 0 {
			continue
		}
		var b []byte
		err := r.Row(`select hashes from eventlog_tile where level = $1 and n = $2`, l, size>>(tileHeight*(l+1))).Scan(&b)
		if storage.NoRows(err) || err == nil && int64(len(b)) != width*tlog.HashSize {
			return nil, fault.New(fault.Internal, "eventlog.damaged")
		}
		if err != nil {
			return nil, err
		}
		e.open[l] = append(e.open[l], b...)
		// Replay the tile's hashes; its peaks are the edge's at these levels.
		for i := range width {
			h := tlog.Hash(b[i*tlog.HashSize:])
			level := 0
			for ; i>>level&1 == 1; level++ {
				h = tlog.NodeHash(e.peak[l*tileHeight+level], h)
			}
			e.peak[l*tileHeight+level] = h
		}
	}
	e.finish()
	if e.root != root {
		return nil, fault.New(fault.Internal, "eventlog.damaged")
	}
	return e, nil
}

// edgeBox holds the edge as the last batch left it, committed or not yet: its
// commit is told on another goroutine, and the next batch must not wait for it.
// It is only ever a guess. seal proves it by compare-and-swap on the head, in
// the transaction, and asks the store when a batch was rolled back, another
// sealer was faster or a commit thought lost had succeeded.
type edgeBox struct {
	mu sync.Mutex
	e  *edge // never changed once here
}

func (b *edgeBox) get() *edge {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.e
}

func (b *edgeBox) set(e *edge) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.e = e
}
