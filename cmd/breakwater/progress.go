package main

import (
	"fmt"
	"strings"
	"time"
)

// bar shows long work on a terminal: done of total, the rate and the time left.
// Without a terminal it says nothing.
type bar struct {
	s     *session
	title string
	began time.Time
	last  time.Time
}

func (s *session) bar(title string) *bar { return &bar{s: s, title: title, began: time.Now()} }

// at is called as often as the work likes; it draws ten times a second.
func (b *bar) at(done, total int64) {
	now := time.Now()
	if !b.s.live || (now.Sub(b.last) < 100*time.Millisecond && done < total) {
		return
	}
	b.last = now
	spent := now.Sub(b.began)
	rate := float64(done) / max(spent.Seconds(), 0.001)
	if total <= 0 {
		fmt.Fprintf(b.s.err, "\r\x1b[K%s %d  %.0f/s", b.title, done, rate)
		return
	}
	done = min(done, total)
	const width = 30
	full := int(done * width / total)
	left := ""
	if rate > 0 {
		left = (time.Duration(float64(total-done)/rate) * time.Second).Truncate(time.Second).String()
	}
	fmt.Fprintf(b.s.err, "\r\x1b[K%s [%s%s] %d/%d  %.0f/s  %s", b.title, strings.Repeat("█", full), strings.Repeat("░", width-full), done, total, rate, left)
}

func (b *bar) end() {
	if b.s.live && !b.last.IsZero() {
		fmt.Fprintln(b.s.err)
	}
}
