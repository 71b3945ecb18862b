package sms

import (
	"context"
	"slices"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
)

// Shown keeps the latest messages for a page instead of sending them: for
// demonstrations and tests, whose people do not exist. Safe for concurrent use.
type Shown struct {
	Now clock.Clock

	mu   sync.Mutex
	list []Message
}

// Message is one message and when it would have left.
type Message struct {
	auth.Message
	At time.Time
}

const shownMost = 50

// Send implements auth.Sender. It never fails.
func (s *Shown) Send(_ context.Context, m auth.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, Message{m, s.Now()})
	s.list = s.list[max(0, len(s.list)-shownMost):]
	return nil
}

// Latest lists the messages, newest first.
func (s *Shown) Latest() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.list)
	slices.Reverse(out)
	return out
}
