package drill

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
	"time"
)

// What happens on a line: it is opened, takes a request, brings an answer, breaks.

func (p *loop) connect() error {
	at, err := net.ResolveTCPAddr("tcp", p.Addr)
	if err != nil {
		return err
	}
	if ip := at.IP.To4(); ip != nil {
		p.family, p.addr = syscall.AF_INET, &syscall.SockaddrInet4{Port: at.Port, Addr: [4]byte(ip)}
	} else {
		p.family, p.addr = syscall.AF_INET6, &syscall.SockaddrInet6{Port: at.Port, Addr: [16]byte(at.IP.To16())}
	}
	if p.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return err
	}
	for i := range p.lines {
		p.lines[i].fd = -1
		if err := p.open(i); err != nil {
			return fmt.Errorf("line %d to %s: %w", i+1, p.Addr, err)
		}
	}
	// The clock starts when the lines stand: this is no test of connecting.
	for until := time.Now().Add(p.Deadline); p.queued < len(p.lines); {
		if time.Now().After(until) {
			return fmt.Errorf("%d of %d lines to %s stand after %v", p.queued, len(p.lines), p.Addr, p.Deadline)
		}
		n, err := syscall.EpollWait(p.epoll, p.events[:], 100)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return err
		}
		for _, e := range p.events[:max(n, 0)] {
			if p.event(int(e.Fd), e.Events); p.lines[e.Fd].state == closed {
				return fmt.Errorf("no line to %s: nobody listens there, or not to so many", p.Addr)
			}
		}
	}
	return nil
}

// open begins a connection; epoll tells when it stands.
func (p *loop) open(i int) error {
	fd, err := syscall.Socket(p.family, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		_ = syscall.Close(fd)
		return err
	}
	if err := syscall.Connect(fd, p.addr); err != nil && !errors.Is(err, syscall.EINPROGRESS) {
		_ = syscall.Close(fd)
		return err
	}
	l := &p.lines[i]
	l.fd, l.state = fd, opening
	return syscall.EpollCtl(p.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLOUT, Fd: int32(i)})
}

func (p *loop) hangUp() {
	for i := range p.lines {
		p.shut(&p.lines[i])
	}
	if p.epoll > 0 {
		_ = syscall.Close(p.epoll)
	}
}

func (p *loop) shut(l *line) {
	if l.state != closed {
		_ = syscall.Close(l.fd) // epoll forgets it
	}
	l.fd, l.state = -1, closed
}

// write gives the socket what it takes; a request nearly always fits whole.
func (p *loop) write(i int) {
	l := &p.lines[i]
	n, err := syscall.Write(l.fd, l.rest)
	if err != nil && !errors.Is(err, syscall.EAGAIN) {
		p.broken(i, err)
		return
	}
	l.rest = l.rest[max(n, 0):]
	switch {
	case len(l.rest) > 0:
		p.watch(i, syscall.EPOLLIN|syscall.EPOLLOUT)
	case p.Kinds[l.kind].Cut:
		p.busy--
		p.run.Phases[l.phase].Kinds[l.kind].Cut++
		p.shut(l)
		p.missed(l)
	}
}

func (p *loop) missed(l *line) {
	if p.Miss != nil {
		p.Miss(l.seq, l.kind)
	}
}

func (p *loop) watch(i int, events uint32) {
	if err := syscall.EpollCtl(p.epoll, syscall.EPOLL_CTL_MOD, p.lines[i].fd, &syscall.EpollEvent{Events: events, Fd: int32(i)}); err != nil {
		p.broken(i, err)
	}
}

// event is something that happened to a line.
func (p *loop) event(i int, events uint32) {
	l := &p.lines[i]
	switch l.state {
	case closed: // an event from before it was shut
		return
	case opening:
		if code, err := syscall.GetsockoptInt(l.fd, syscall.SOL_SOCKET, syscall.SO_ERROR); err != nil || code != 0 {
			p.shut(l)
			return
		}
		p.free(i)
		p.watch(i, syscall.EPOLLIN)
		return
	}
	if events&syscall.EPOLLOUT != 0 && l.state == busy && len(l.rest) > 0 {
		p.write(i)
		if l.state == busy && len(l.rest) == 0 {
			p.watch(i, syscall.EPOLLIN)
		}
	}
	if events&(syscall.EPOLLIN|syscall.EPOLLERR|syscall.EPOLLHUP) != 0 && l.state > opening {
		p.read(i)
	}
}

var errGone = errors.New("the server closed the connection")

// read takes what came, in one call: what did not fit makes epoll speak again.
func (p *loop) read(i int) {
	l := &p.lines[i]
	n, err := syscall.Read(l.fd, p.scratch[:])
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return
	case err != nil:
		p.broken(i, err)
		return
	case n == 0, l.state != busy: // an idle line that speaks is of no use either
		p.broken(i, errGone)
		return
	}
	rest, whole, err := l.feed(p.scratch[:n])
	switch {
	case err != nil:
		p.broken(i, err)
	case whole && len(rest) > 0:
		p.broken(i, errFrame)
	case whole:
		p.answered(i)
	}
}

func (p *loop) answered(i int) {
	l := &p.lines[i]
	now := p.now()
	t := &p.run.Phases[l.phase].Kinds[l.kind]
	switch a := &l.Answer; {
	case a.Status/100 == 2:
		t.OK++
		t.Latency.Add(now - l.due)
		p.moment(l.due).latency.Add(now - l.due)
		if p.phase < len(p.run.Phases) {
			p.run.Phases[p.phase].During[l.kind]++
		}
	case slices.Contains(p.Kinds[l.kind].No, a.Status):
		t.No++
	case a.Status == 503 && a.RetryAfter:
		t.Refused++
		p.moment(l.due).bad++
	case a.Status == 503:
		t.Bare++
		p.moment(l.due).bad++
	default:
		t.Other++
		p.moment(l.due).bad++
		p.odd(fmt.Sprintf("%s: %d %.300s", p.Kinds[l.kind].Name, a.Status, a.Body))
	}
	if p.Hear != nil {
		p.Hear(l.seq, l.kind, &l.Answer)
	}
	p.busy--
	if l.Last {
		p.shut(l)
		return
	}
	p.free(i)
}

// broken ends a line; the request on it, if any, was not answered.
func (p *loop) broken(i int, err error) {
	l := &p.lines[i]
	if l.state == busy {
		p.busy--
		p.moment(l.due).bad++
		t := &p.run.Phases[l.phase].Kinds[l.kind]
		if errors.Is(err, context.DeadlineExceeded) {
			t.Late++
		} else {
			t.Broken++
		}
		p.odd(p.Kinds[l.kind].Name + ": " + err.Error())
		defer p.missed(l)
	}
	p.shut(l)
}
