package web

import (
	"io"
	"net/http"
)

// Before it writes an answer's head, net/http reads what is left of the request's body,
// so that the connection can be used again. Whoever sends half a body and falls silent
// would have every refusal wait for the other half, and keep its place meanwhile. So the
// connection of a request with a body ends with its answer, unless the body was read.

// untilRead is the request with a body that says when all of it is here. The request it
// came as keeps its own, by which net/http knows how to take leave of a sender who is
// still sending.
func untilRead(w http.ResponseWriter, r *http.Request) *http.Request {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return r
	}
	w.Header().Set("Connection", "close")
	out := new(http.Request)
	*out = *r
	out.Body = &remaining{ReadCloser: r.Body, header: w.Header()}
	return out
}

// remaining is a body of which something may still be on its way.
type remaining struct {
	io.ReadCloser
	header http.Header
	ended  bool
}

func (b *remaining) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && !b.ended {
		b.ended = true
		b.header.Del("Connection")
	}
	return n, err
}
