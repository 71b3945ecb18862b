package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	"breakwater/internal/app"
	"breakwater/internal/fault"
)

// A command whose data folder a server has is carried out by that server: its
// words travel through the folder's socket, and what it prints travels back line
// by line. Only the folder's owner can open the socket. The order goes out whole, in
// one write, so that an answer given at once finds nobody still speaking. After it
// the client's half of the connection stays open while the command may go on: its
// end is the user's interrupt, after which the command still says what it did.

type order struct {
	Args     []string          `json:"args"`
	Cwd      string            `json:"cwd"`
	Env      map[string]string `json:"env"`
	Database string            `json:"database"` // the store that is meant; see app.Config
	Live     bool              `json:"live"`
	Stdin    []byte            `json:"stdin"`
}

// frame is a piece of output, or the end.
type frame struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// mostStdin bounds what a forwarded command may read from standard input.
const mostStdin = 1 << 20

// stdin is standard input, read once however often it is asked for.
func (s *session) stdin() ([]byte, error) {
	if s.typed == nil {
		b, err := io.ReadAll(io.LimitReader(s.in, mostStdin))
		if err != nil {
			return nil, err
		}
		s.typed = append([]byte{}, b...)
	}
	return s.typed, nil
}

func (s *session) forward(c app.Config) (int, error) {
	if err := c.Check(); err != nil {
		return refused, err
	}
	o := order{Args: s.args, Cwd: s.cwd, Live: s.live, Env: carry(), Database: c.Database}
	if slices.Contains(s.args, "-") {
		var err error
		if o.Stdin, err = s.stdin(); err != nil {
			return refused, err
		}
	}
	words, err := json.Marshal(o)
	if err != nil {
		return refused, err
	}
	conn, err := c.Dial(s.ctx)
	if err != nil {
		return refused, fault.Wrap(err, fault.Conflict, "app.folder_taken", "folder", c.Data)
	}
	defer func() { _ = conn.Close() }()
	// Spoken by hand: net/http's client would give up the answer when it is told to
	// stop, and cannot close its half alone.
	head := fmt.Sprintf("POST /run HTTP/1.1\r\nHost: breakwater\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", len(words))
	_, unsent := conn.Write(append([]byte(head), words...)) // a server that did not want all of it has answered why
	defer context.AfterFunc(s.ctx, func() {
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // a server that is gone shows in the answer
		}
	})()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return refused, fault.Wrap(errors.Join(unsent, err), fault.Unavailable, "app.server_gone")
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refused, fmt.Errorf("the server does not understand: %s", resp.Status)
	}
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return refused, fault.Wrap(err, fault.Unavailable, "app.server_gone")
		}
		var f frame
		if err := json.Unmarshal(line, &f); err != nil {
			return refused, err
		}
		if f.Exit != nil {
			return *f.Exit, nil
		}
		_, e1 := s.out.Write(f.Out)
		_, e2 := s.err.Write(f.Err)
		if err := errors.Join(e1, e2); err != nil {
			return refused, err
		}
	}
}

// door carries out forwarded commands on the open app.
func door(a *app.App) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /run", func(w http.ResponseWriter, r *http.Request) {
		body := http.MaxBytesReader(w, r.Body, 4*mostStdin)
		var o order
		err := json.NewDecoder(body).Decode(&o)
		_, left := io.Copy(io.Discard, body) // a connection closed on unread words loses the answer
		if err := errors.Join(err, left); err != nil {
			http.Error(w, fmt.Sprintf("unreadable order: %v", err), http.StatusBadRequest)
			return
		}
		ctx := r.Context() // ends when the user interrupts, or is gone
		out := &frames{w: w, flush: http.NewResponseController(w).Flush}
		s := &session{
			ctx: ctx, in: bytes.NewReader(o.Stdin), out: stream{out, false}, err: stream{out, true}, cwd: o.Cwd, live: o.Live, app: a,
			getenv: func(name string) string { return o.Env[name] },
		}
		code := refused
		if o.Database != a.Config.Database {
			fmt.Fprintf(s.err, "breakwater: %s\n", s.explain(fault.New(fault.Conflict, "app.other_store", "store", a.Config.Where())))
		} else {
			code = s.run(o.Args)
		}
		_ = out.send(frame{Exit: &code}) // to one who has gone, nothing can be said
	})
	return mux
}

// frames writes output pieces as they come; two streams share it.
type frames struct {
	mu    sync.Mutex
	w     io.Writer
	flush func() error
}

func (f *frames) send(v frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := json.NewEncoder(f.w).Encode(v); err != nil {
		return err
	}
	return f.flush()
}

type stream struct {
	to  *frames
	err bool
}

func (s stream) Write(b []byte) (int, error) {
	v := frame{Out: b}
	if s.err {
		v = frame{Err: b}
	}
	return len(b), s.to.send(v)
}
