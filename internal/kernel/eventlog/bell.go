package eventlog

import "sync"

// bell wakes everyone who waits. Ringing with nobody waiting costs a lock.
type bell struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait returns a channel that is closed at the next ring.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// Wait returns a channel that is closed when this process next seals facts. Take
// it before looking, or a ring in between is missed; facts sealed by another
// node do not ring here, so a timer belongs beside it (see Follow).
func (l *Log) Wait() <-chan struct{} { return l.moved.wait() }
