package web

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"hash/crc32"
	"sync"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Shell is a page that differs between its readers in a few places only. It is drawn
// once with marks in those places, cut at the marks, and its pieces are compressed
// beforehand; to show it to a reader is to put the pieces together (RFC 1951: a
// compressed stream is a row of blocks, and what differs goes in uncompressed).
type Shell struct {
	pieces []piece
	slots  []int // which value comes after each piece but the last
}

type piece struct{ text, zipped []byte }

// marks are characters of private use, which no page has.
const (
	markFirst = '\ue000'
	markLast  = '\ue0ff'
)

// Mark stands in a page that is drawn for its shell where value i goes.
func Mark(i int) string { return string(markFirst + rune(i)) }

// Draw draws a page whose values are marks into its shell.
func Draw(ctx context.Context, marked templ.Component) (*Shell, error) {
	var b bytes.Buffer
	if err := marked.Render(ctx, &b); err != nil {
		return nil, err
	}
	return cut(b.Bytes()), nil
}

func cut(html []byte) *Shell {
	s := new(Shell)
	from := 0
	for i := 0; i < len(html); {
		r, n := utf8.DecodeRune(html[i:])
		if r >= markFirst && r <= markLast {
			s.pieces = append(s.pieces, newPiece(html[from:i]))
			s.slots = append(s.slots, int(r-markFirst))
			from = i + n
		}
		i += n
	}
	s.pieces = append(s.pieces, newPiece(html[from:]))
	return s
}

// newPiece compresses by itself: it refers to nothing before it, and ends on a byte.
func newPiece(text []byte) piece {
	var b bytes.Buffer
	z, _ := flate.NewWriter(&b, flate.BestCompression) // a level, so no error
	_, _ = z.Write(text)                               // into memory
	_ = z.Flush()
	return piece{bytes.Clone(text), b.Bytes()}
}

// Append appends the page with its values, which are escaped already.
func (s *Shell) Append(dst []byte, values []string) []byte {
	for i, p := range s.pieces {
		dst = append(dst, p.text...)
		if i < len(s.slots) {
			dst = append(dst, values[s.slots[i]]...)
		}
	}
	return dst
}

// AppendGzip appends the same compressed (RFC 1952).
func (s *Shell) AppendGzip(dst []byte, values []string) []byte {
	dst = append(dst, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
	sum, size := uint32(0), 0
	for i, p := range s.pieces {
		dst = append(dst, p.zipped...)
		sum, size = crc32.Update(sum, crc32.IEEETable, p.text), size+len(p.text)
		if i == len(s.slots) {
			break
		}
		for v := values[s.slots[i]]; len(v) > 0; {
			part := v[:min(len(v), 1<<16-1)]
			v = v[len(part):]
			n := uint16(len(part))
			dst = append(dst, 0) // a block as it is, not the last
			dst = binary.LittleEndian.AppendUint16(dst, n)
			dst = append(binary.LittleEndian.AppendUint16(dst, ^n), part...)
			sum, size = crc32.Update(sum, crc32.IEEETable, []byte(part)), size+len(part)
		}
	}
	dst = append(dst, 3, 0) // the last block, an empty one
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return binary.LittleEndian.AppendUint32(dst, uint32(size)) //nolint:gosec // a page
}

// Shells keeps the shells of one page by what they differ in. Its zero value is ready.
type Shells[K comparable] struct {
	mu   sync.RWMutex
	kept map[K]*Shell
}

// Get returns the shell of a sort, nil if none was kept.
func (k *Shells[K]) Get(sort K) *Shell {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.kept[sort]
}

// Keep draws and keeps a sort's shell if there is none yet.
func (k *Shells[K]) Keep(ctx context.Context, sort K, marked func() templ.Component) error {
	if k.Get(sort) != nil {
		return nil
	}
	s, err := Draw(ctx, marked())
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[K]*Shell{}
	}
	k.kept[sort] = s
	return nil
}
