package admission

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A full room serves the important first, each class in the order it came, and
// sends away who waits too long.
func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := NewRoom(1, func() time.Duration { return time.Since(began) })
		for range seats {
			if !r.Enter(Show) {
				t.Fatal("refused although there was room")
			}
		}
		var mu sync.Mutex
		var in []string
		come := func(c Class, name string) {
			go func() {
				ok := r.Enter(c)
				mu.Lock()
				defer mu.Unlock()
				if !ok {
					name += " sent away"
				}
				in = append(in, name)
			}()
			synctest.Wait()
		}
		come(Gate, "gate 1")
		come(Show, "show 1")
		come(Gate, "gate 2")
		come(Show, "show 2")
		if n := r.Waiting(); n != 4 {
			t.Errorf("%d wait", n)
		}
		for range 3 {
			r.Leave(Gate)
			synctest.Wait()
		}
		time.Sleep(waitMost + time.Millisecond)
		come(Gate, "gate 3")
		r.Tick()
		synctest.Wait()
		r.Leave(Gate)
		synctest.Wait()
		want := []string{"show 1", "show 2", "gate 1", "gate 2 sent away", "gate 3"}
		if !slices.Equal(in, want) {
			t.Errorf("%q, want %q", in, want)
		}
		for range seats {
			r.Leave(Gate)
		}
		if r.free != seats {
			t.Errorf("%d seats, want %d", r.free, seats)
		}
	})
}

// A seat is taken by one at a time, and none is lost.
func TestRoomCrowd(t *testing.T) {
	began := time.Now()
	r := NewRoom(1, func() time.Duration { return time.Since(began) })
	var group sync.WaitGroup
	var mu sync.Mutex
	inside, most := 0, 0
	for range 20 * seats {
		group.Go(func() {
			for range 50 {
				if !r.Enter(Show) {
					t.Error("sent away")
					return
				}
				mu.Lock()
				inside++
				most = max(most, inside)
				mu.Unlock()
				mu.Lock()
				inside--
				mu.Unlock()
				r.Leave(Gate)
			}
		})
	}
	group.Wait()
	if most > seats || r.free != seats || r.Waiting() != 0 {
		t.Errorf("%d at once, %d free, %d wait", most, r.free, r.Waiting())
	}
}

func BenchmarkRoom(b *testing.B) {
	began := time.Now()
	r := NewRoom(2, func() time.Duration { return time.Since(began) })
	for b.Loop() {
		r.Enter(Show)
		r.Leave(Gate)
	}
}

// A code that is answered at once takes no seat, whoever waits for one; the
// operator's limit counts it like any other.
func TestBrief(t *testing.T) {
	var now time.Duration
	d := New(Deps{Elapsed: func() time.Duration { return now }}, 1)
	for range seats {
		if !d.Admit(Gate, true) || !d.Seat(Gate, true) {
			t.Fatal("no seat in an empty room")
		}
	}
	for range 3 * seats {
		if !d.Brief(Show) {
			t.Fatal("a code waited for checks at gates")
		}
	}
	if n := d.under.Load(); n != seats {
		t.Errorf("%d under way", n)
	}
	d = New(Deps{Elapsed: func() time.Duration { return now }, Capacity: 10}, 1)
	in := 0
	for range 100 {
		now += 10 * time.Millisecond
		if d.Brief(Show) {
			in++
		}
	}
	if c := d.Load().Classes[0]; in < 10 || in > 13 || c.AllAccepted != int64(in) || c.AllRefused != int64(100-in) {
		t.Errorf("%d in one second at 10 a second: %+v", in, c)
	}
}

// Claims take seats of their own and none of a gate's; and while somebody more important
// waits, no further claim is called.
func TestClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := NewRoom(1, func() time.Duration { return time.Since(began) })
		for range claimSeats {
			if !r.Enter(Claim) {
				t.Fatal("a free seat was refused")
			}
		}
		var mu sync.Mutex
		var in []string
		come := func(c Class, name string) {
			go func() {
				if r.Enter(c) {
					mu.Lock()
					defer mu.Unlock()
					in = append(in, name)
				}
			}()
			synctest.Wait()
		}
		come(Claim, "claim")
		for range seats {
			come(Gate, "gate")
		}
		if len(in) != seats || in[0] != "gate" {
			t.Fatalf("%d of %d gate checks came in past the claims", len(in), seats)
		}
		in = nil
		come(Gate, "gate that waits")
		r.Leave(Claim)
		synctest.Wait()
		if len(in) != 0 {
			t.Errorf("called while a gate check waits: %v", in)
		}
		r.Leave(Gate)
		synctest.Wait()
		if slices.Sort(in); !slices.Equal(in, []string{"claim", "gate that waits"}) {
			t.Errorf("called: %q", in)
		}
		come(Claim, "late")
		time.Sleep(waitMost + time.Millisecond)
		r.Tick()
		synctest.Wait()
		if len(in) != 2 || r.Waiting() != 0 {
			t.Errorf("whoever waited too long: %v, %d wait", in, r.Waiting())
		}
	})
}
