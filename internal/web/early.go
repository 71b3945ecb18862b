package web

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// earlyWait is how long a short body may take to come: a form's, over a poor line.
const earlyWait = 10 * time.Second

// early reads a command's body before it takes a place among those that are let in,
// so that whoever sends half of one and waits keeps nobody else out. Of a longer body
// it reads the beginning, of one that is announced as longer nothing: such a route
// first asks who sends it. A longer body is returned, nil for any other.
func early(w http.ResponseWriter, r *http.Request, p pace) (*coming, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	long := &coming{ReadCloser: r.Body, conn: http.NewResponseController(w), pace: p}
	if r.ContentLength > bodyMost {
		r.Body = long
		return long, nil
	}
	_ = long.conn.SetReadDeadline(time.Now().Add(earlyWait)) // a recorder has none
	var begin bytes.Buffer
	begin.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
	n, err := io.CopyN(&begin, r.Body, bodyMost)
	if err != nil && err != io.EOF { //nolint:errorlint // CopyN's own
		return nil, err
	}
	if n < bodyMost {
		r.Body = body{&begin, r.Body}
		return nil, nil
	}
	long.ReadCloser = body{io.MultiReader(&begin, r.Body), r.Body}
	r.Body = long
	return long, nil
}

// body is a body of which something has been read already.
type body struct {
	io.Reader
	io.Closer
}
