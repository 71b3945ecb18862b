package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/lane"
)

// idle is how long a connection may lie quiet: longer than proxies keep theirs, so
// that it is they who close it.
const idle = 2 * time.Minute

// drain is how long requests under way may take when the program stops.
const drain = 10 * time.Second

// Listen opens the address at which people will be answered, before anything else
// is done for them.
//
// Faults: Conflict "app.port_taken".
func Listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fault.Wrap(err, fault.Conflict, "app.port_taken", "addr", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ln, nil
}

// ErrStopping is the cause with which a command carried out in a server is told
// that the server stops.
var ErrStopping = errors.New("the server stops")

// Serve answers people at the configured address, and commands at the data
// folder's socket, until ctx ends. ready is called with the address once both are
// open.
//
// It takes over the listener, whether or not it fails.
func (a *App) Serve(ctx context.Context, ln net.Listener, version string, door http.Handler, ready func(url string)) error {
	addr := ln.Addr().String()
	a.Resume.PublicURL = a.Config.URL(addr)
	site, err := a.handler(version)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	sock, err := a.Config.listenSocket()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer os.Remove(a.Config.Socket())
	public := &http.Server{
		Handler: site, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: idle, ConnState: lane.State, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	public.RegisterOnShutdown(site.Stopping)
	commands, dismiss := context.WithCancelCause(context.WithoutCancel(ctx))
	defer dismiss(nil)
	inside := http.NewServeMux()
	inside.Handle("/", door)
	inside.Handle("GET /metrics", site)
	local := &http.Server{Handler: inside, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return commands }}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make(chan error, 3)
	quick := lane.Listen(ln, site, idle)
	go func() {
		if a.Config.TLSCert != "" {
			errs <- public.ServeTLS(ln, a.Config.TLSCert, a.Config.TLSKey)
			return
		}
		errs <- public.Serve(quick)
	}()
	go func() { errs <- local.Serve(sock) }()
	go func() { errs <- a.Run(ctx) }()
	ready(a.Config.URL(addr))

	left := 3
	select {
	case <-ctx.Done():
		err = nil
	case err = <-errs:
		left--
	}
	cancel()
	dismiss(ErrStopping)
	stop, end := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer end()
	for _, s := range []*http.Server{public, local} {
		if e := s.Shutdown(stop); errors.Is(e, context.DeadlineExceeded) {
			slog.Warn("requests cut off: they took too long to end", "after", drain)
			_ = s.Close()
		} else {
			err = errors.Join(err, e)
		}
	}
	_ = quick.Drain(stop) // who is cut off asks again with the same key
	for range left {
		if e := <-errs; e != nil && !errors.Is(e, http.ErrServerClosed) && !errors.Is(e, context.Canceled) {
			err = errors.Join(err, e)
		}
	}
	return err
}
