package status_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/admission"
	"breakwater/internal/clock"
	"breakwater/internal/i18n"
	"breakwater/internal/web"
	"breakwater/internal/web/status"
	"breakwater/internal/web/webtest"
)

// stage is a watch whose store, log and crowd the test makes.
type stage struct {
	hand  *clock.Hand
	door  *admission.Door
	store error
	watch *status.Watch
}

func newStage() *stage {
	s := &stage{hand: clock.NewHand(time.Date(2020, 2, 10, 0, 31, 0, 0, time.UTC))}
	s.door = admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Hour }, Capacity: 3}, 1)
	s.watch = status.New(status.Deps{
		Door: s.door, Now: s.hand.Now,
		Store: func(context.Context) error { return s.store },
		Head:  func(context.Context) (int64, error) { return 12345, s.store },
	})
	return s
}

func (s *stage) after(d time.Duration) status.Report {
	s.hand.Add(d)
	s.watch.Look(context.Background())
	return s.watch.Report()
}

func TestWatch(t *testing.T) {
	s := newStage()
	began := s.hand.Now()
	if r := s.watch.Report(); r.State != status.Unknown || r.Store.Reachable || r.Store.Since != nil || r.Log.At != nil {
		t.Errorf("before the first look: %+v", r)
	}
	if r := s.after(0); r.State != status.Well || !r.Store.Reachable || r.Log.Sealed != 12345 {
		t.Errorf("at first: %+v", r)
	}
	for s.door.Admit(admission.Order, true) {
	}
	if r := s.after(time.Second); r.State != status.Busy {
		t.Errorf("somebody was refused: %v", r.State)
	}
	if r := s.after(9 * time.Second); r.State != status.Busy {
		t.Errorf("nine seconds later: %v", r.State)
	}
	if r := s.after(time.Second); r.State != status.Well {
		t.Errorf("ten seconds later: %v", r.State)
	}
	s.store = errors.New("the disk is gone")
	r := s.after(time.Second)
	if r.State != status.Ill || r.Store.Reachable || !r.Store.Since.Equal(s.hand.Now()) || r.Log.Sealed != 12345 || !r.Log.At.Equal(s.hand.Now().Add(-time.Second)) {
		t.Errorf("without the store: %+v", r)
	}
	want := []status.Change{
		{State: status.Ill, At: began.Add(12 * time.Second)},
		{State: status.Well, At: began.Add(11 * time.Second)},
		{State: status.Busy, At: began.Add(time.Second)},
		{State: status.Well, At: began},
	}
	if diff := cmp.Diff(want, r.Changes); diff != "" {
		t.Error(diff)
	}
	s.store = nil
	s.after(time.Second)
	s.store = context.DeadlineExceeded
	if r := s.after(9 * time.Second); r.State != status.Well || s.after(time.Second).State != status.Ill {
		t.Errorf("a late answer: %v at once, then not gone", r.State)
	}
	s.hand.Add(11 * time.Second) // nobody looks any more
	if r := s.watch.Report(); r.State != status.Unknown || r.Store.Reachable {
		t.Errorf("a look too old to be believed: %+v", r)
	}
	for range 100 {
		if s.store = errors.New("again"); len(s.after(time.Second).Changes) > 20 {
			t.Fatal("changes without end")
		}
		s.store = nil
		s.after(time.Second)
	}
}

func TestPage(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := newStage()
	site, err := web.New(web.Deps{Texts: texts, Routes: s.watch.Routes()})
	if err != nil {
		t.Fatal(err)
	}
	c := webtest.Caller{T: t, Site: site}
	c.Get("/status").Want(t, 200, "Not seen yet", "What works now")
	s.after(0)
	c.Get("/status").Want(t, 200, "Everything works", "12,345 facts", "3 requests a second", `hx-get="/status"`)
	s.store = errors.New("secret cause")
	s.after(time.Second)
	zh := webtest.Caller{T: t, Site: site, Lang: "zh-CN"}
	zh.Get("/status").Want(t, 200, "数据库没有响应", "一切正常", "门岗查验")
	if a := c.Send("GET", "/status", "", nil, "HX-Request", "true").Want(t, 200, `id="now"`); len(a.Body) > 8<<10 {
		t.Errorf("a part of %d bytes", len(a.Body))
	}
}
