package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"

	"breakwater/internal/app"
	"breakwater/internal/fault"
)

// A command whose data folder a server has is carried out by that server: its
// words travel through the folder's socket, and what it prints travels back line
// by line. Only the folder's owner can open the socket.

type order struct {
	Args  []string `json:"args"`
	Cwd   string   `json:"cwd"`
	Lang  string   `json:"lang"`
	Live  bool     `json:"live"`
	Stdin []byte   `json:"stdin"`
}

// frame is a piece of output, or the end.
type frame struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// mostStdin bounds what a forwarded command may read from standard input.
const mostStdin = 1 << 20

func (s *session) forward(c app.Config) (int, error) {
	if err := c.Check(); err != nil {
		return refused, err
	}
	o := order{Args: s.args, Cwd: s.cwd, Live: s.live, Lang: s.getenv("LANG")}
	if v := s.getenv("LC_ALL"); v != "" {
		o.Lang = v
	}
	if slices.Contains(s.args, "-") {
		var err error
		if o.Stdin, err = io.ReadAll(io.LimitReader(s.in, mostStdin)); err != nil {
			return refused, err
		}
	}
	body, err := json.Marshal(o)
	if err != nil {
		return refused, err
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", c.Socket())
	}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, "http://breakwater/run", bytes.NewReader(body))
	if err != nil {
		return refused, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return refused, fault.Wrap(err, fault.Conflict, "app.folder_taken", "folder", c.Data)
	}
	defer resp.Body.Close()
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
		var o order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4*mostStdin)).Decode(&o); err != nil {
			http.Error(w, fmt.Sprintf("unreadable order: %v", err), http.StatusBadRequest)
			return
		}
		out := &frames{w: w, flush: http.NewResponseController(w).Flush}
		s := &session{ctx: r.Context(), in: bytes.NewReader(o.Stdin), out: stream{out, false}, err: stream{out, true}, cwd: o.Cwd, live: o.Live, app: a,
			getenv: func(name string) string {
				if name == "LANG" {
					return o.Lang
				}
				return ""
			}}
		code := s.run(o.Args)
		out.send(frame{Exit: &code})
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
