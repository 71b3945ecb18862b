package workresume

import (
	"sync"
	"time"
)

// gathering lets those who want the same at the same moment be served together:
// whoever finds it idle sets it to work, and it works until nobody waits. pace is the
// least time from the beginning of one serving to the next: what each costs whoever
// comes, the commit above all, is then shared by more.
type gathering[T any] struct {
	pace    time.Duration
	mu      sync.Mutex
	waiting []T
	working bool
}

// add queues one to be served, at most batch together; it reports false when most
// wait already.
func (g *gathering[T]) add(one T, most, batch int, serve func([]T)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= most {
		return false
	}
	g.waiting = append(g.waiting, one)
	if !g.working {
		g.working = true
		go g.work(batch, serve)
	}
	return true
}

func (g *gathering[T]) work(batch int, serve func([]T)) {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), batch)
		these := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.working = n > 0
		g.mu.Unlock()
		if n == 0 {
			return
		}
		next := time.After(g.pace)
		serve(these)
		<-next
	}
}
