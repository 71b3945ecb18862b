package roster

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"

	"breakwater/internal/fault"
)

// partsMax bounds the zip directory, whose entries are read into memory. A
// workbook of a hundred sheets with pictures has a few hundred.
const partsMax = 4096

// container is the zip file an .xlsx is.
type container struct {
	parts  map[string]*zip.File // by path in lower case
	limits Limits
	total  int64 // bytes, unpacked
}

// Weight is how many bytes a file holds when it is unpacked, and of what is no proper zip
// how many it has: about the memory that reading it may take.
func Weight(r io.ReaderAt, size int64) int64 {
	c, err := openContainer(r, size, Limits{}.withDefaults())
	if err != nil {
		return size
	}
	return c.total
}

// openContainer checks the zip directory against the limits before anything
// is unpacked.
//
// Invalid: roster.damaged, roster.encrypted, roster.inflates.
func openContainer(r io.ReaderAt, size int64, limits Limits) (*container, error) {
	n, err := countEntries(r, size)
	if err != nil {
		return nil, damaged(err)
	}
	if n > partsMax {
		return nil, refuse("roster.damaged")
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged(err)
	}
	c := &container{parts: make(map[string]*zip.File, len(z.File)), limits: limits}
	var total uint64
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, refuse("roster.encrypted")
		}
		packed, unpacked := f.CompressedSize64, f.UncompressedSize64
		if total += unpacked; total > uint64(limits.Inflated) || unpacked > uint64(limits.Inflated) {
			return nil, refuse("roster.inflates")
		}
		if unpacked > 1<<20 && unpacked/uint64(limits.Ratio) > packed {
			return nil, refuse("roster.inflates")
		}
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		c.parts[strings.ToLower(name)] = f
	}
	if total > 1<<20 && total/uint64(limits.Ratio) > uint64(size) {
		return nil, refuse("roster.inflates")
	}
	c.total = int64(total)
	return c, nil
}

// countEntries counts the signatures of directory entries, so that a directory
// of a million names is refused before zip holds it in memory.
func countEntries(r io.ReaderAt, size int64) (int, error) {
	mark := []byte("PK\x01\x02")
	buf := make([]byte, 256<<10)
	n := 0
	for at := int64(0); at < size; at += int64(len(buf) - len(mark) + 1) {
		k, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		n += bytes.Count(buf[:k], mark)
		if k < len(buf) {
			break
		}
	}
	return n, nil
}

// has reports whether the container has a part.
func (c *container) has(name string) bool { return c.parts[strings.ToLower(name)] != nil }

// open unpacks a part, counting: the directory may have lied.
func (c *container) open(name string) (io.ReadCloser, error) {
	f := c.parts[strings.ToLower(name)]
	if f == nil {
		return nil, refuse("roster.damaged")
	}
	rc, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	most := c.limits.Inflated
	if packed := int64(f.CompressedSize64); packed < most/c.limits.Ratio {
		most = max(1<<20, packed*c.limits.Ratio)
	}
	return &metered{ReadCloser: rc, left: most}, nil
}

// metered stops a part that unpacks to more than its limit.
type metered struct {
	io.ReadCloser
	left int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	// zip itself says ErrFormat when more comes out than its directory told.
	if m.left -= int64(n); m.left < 0 || errors.Is(err, zip.ErrFormat) {
		return 0, refuse("roster.inflates")
	}
	return n, err
}

// resolve gives the path of a relationship's target beside the part base.
func resolve(base, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(path.Clean(target), "/")
	}
	return strings.TrimPrefix(path.Clean("/"+path.Join(path.Dir(base), target)), "/")
}

// oleMagic begins the container of the old binary formats, and of an .xlsx
// locked with a password.
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// oleRefusal says why a file of the old container cannot be read: locked, or of
// a format that must be saved again. Directory entries lie on multiples of 128
// bytes, begin with their name in UTF-16 and hold its length at 64 ([MS-CFB] 2.6).
func oleRefusal(r io.ReaderAt, size int64, name string) error {
	locked := utf16le("EncryptedPackage\x00")
	buf := make([]byte, 128<<10)
	for at := int64(0); at < size; at += int64(len(buf)) {
		k, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fault.Wrap(err, fault.Invalid, "roster.damaged")
		}
		for entry := buf[:k]; len(entry) >= 128; entry = entry[128:] {
			if bytes.HasPrefix(entry, locked) && int(binary.LittleEndian.Uint16(entry[64:])) == len(locked) {
				return refuse("roster.encrypted")
			}
		}
	}
	return oldFormat(name)
}

func oldFormat(name string) error {
	if strings.EqualFold(path.Ext(name), ".et") {
		return refuse("roster.et")
	}
	return refuse("roster.xls")
}

func utf16le(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}
