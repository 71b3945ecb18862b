package eventlog

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/storage"
)

// tiles reads the stored tree for tlog, which checks what it reads against the
// root: a proof takes one row per level, however long the log.
type tiles struct {
	r storage.Reader
	// failed is the store's own failure, which says nothing about the tree.
	failed error
}

// onTree runs fn with a reader of the tree's hashes as of a size with this root;
// the stored tiles may already be longer. An error for which damaged is true
// means that the stored tree does not lead to the root.
func onTree(r storage.Reader, size int64, root tlog.Hash, fn func(h tlog.HashReader) error) (damaged bool, err error) {
	t := &tiles{r: r}
	err = fn(tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, t))
	if t.failed != nil {
		return false, t.failed
	}
	return err != nil, err
}

func (t *tiles) Height() int { return tileHeight }

func (t *tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(want))
	for i, w := range want {
		var b []byte
		if err := t.r.Row(`select hashes from eventlog_tile where level = $1 and n = $2`, w.L, w.N).Scan(&b); err != nil {
			if !storage.NoRows(err) {
				t.failed = err
			}
			return nil, err
		}
		if len(b) < w.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %d of level %d is cut short", w.N, w.L)
		}
		out[i] = b[:w.W*tlog.HashSize]
	}
	return out, nil
}

// SaveTiles does nothing: the sealer writes tiles, readers never do.
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}
