package credential

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"sync"
)

// maxInflated is the most a text may grow to. A real certificate is under 2 KB.
const maxInflated = 64 << 10

// zlibMark is the first byte of every zlib stream with the usual 32 KB window.
// A COSE_Sign1 of ours begins with its tag, 0xd2, so the two cannot be mixed up.
const zlibMark = 0x78

var errInflate = errors.New("not a single zlib stream within limits")

// writers and readers are caches only: a zlib writer weighs a megabyte and
// a reader 40 KB, too much to make one for each code at a gate. The fastest
// level finds what there is in a few hundred bytes, at a tenth of the best's time.
var (
	writers = sync.Pool{New: func() any {
		w, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
		if err != nil { // the level is a constant the library knows
			panic(err)
		}
		return w
	}}
	readers sync.Pool
)

// deflate returns data as a zlib stream where that is shorter, else as it is.
func deflate(data []byte) ([]byte, error) {
	w := writers.Get().(*zlib.Writer)
	defer writers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() < len(data) {
		return out.Bytes(), nil
	}
	return data, nil
}

// inflate undoes deflate, refusing more than maxInflated bytes out and any
// byte after the stream's end.
func inflate(data []byte) ([]byte, error) {
	in := bytes.NewReader(data)
	r, _ := readers.Get().(io.ReadCloser)
	if r == nil {
		var err error
		if r, err = zlib.NewReader(in); err != nil {
			return nil, errInflate
		}
	} else if err := r.(zlib.Resetter).Reset(in, nil); err != nil {
		return nil, errInflate // not put back: its state is unknown
	}
	out := bytes.NewBuffer(make([]byte, 0, 2*len(data)))
	if _, err := io.Copy(out, io.LimitReader(r, maxInflated+1)); err != nil {
		return nil, errInflate
	}
	readers.Put(r)
	if out.Len() > maxInflated || in.Len() > 0 {
		return nil, errInflate
	}
	return out.Bytes(), nil
}
