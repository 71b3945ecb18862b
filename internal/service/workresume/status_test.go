package workresume_test

import (
	"context"
	"testing"
	"time"

	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/service/workresume"
)

// now is what the signed list that anyone may fetch says of a text.
func (w *world) now(text string) credential.Status {
	w.t.Helper()
	ctx := w.t.Context()
	must(w.t, w.Status.Publish(ctx))
	doc, err := w.Status.Current(ctx, 1, false)
	must(w.t, err)
	list, err := statuslist.Open(doc.Body, w.Trust, w.hand.Now())
	must(w.t, err)
	r := credential.Verify(text, w.Trust, w.hand.Now(), list.At(w.hand.Now()))
	if r.Claims == nil || r.Claims.Status == nil || r.Valid != (r.Status == credential.StatusValid) {
		w.t.Fatalf("%+v", r)
	}
	own, err := w.Status.Checker(ctx)
	must(w.t, err)
	if mine := credential.Verify(text, w.Trust, w.hand.Now(), own); mine.Status != r.Status {
		w.t.Errorf("the list says %s, the store %s", r.Status, mine.Status)
	}
	return r.Status
}

func (w *world) says(what, text string, want credential.Status) {
	w.t.Helper()
	if got := w.now(text); got != want {
		w.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// A firm's certificate and its people's codes follow every decision about them.
func TestStatusFollowsDecisions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 3)
		f, err := w.Firm(ctx, office, f.ID)
		must(t, err)
		door := f.Certificate.Text
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		code, err := w.ShowCode(ctx, me)
		must(t, err)
		paper, err := w.PrintCodes(ctx, office, f.ID, []string{other.Person})
		must(t, err)
		phone, print := code.Credential, paper[0].Credential
		w.says("the door", door, credential.StatusValid)
		w.says("a phone", phone, credential.StatusValid)
		w.says("paper", print, credential.StatusValid)

		_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Returned, Reason: "电话核实不符"})
		must(t, err)
		w.says("the door of a firm sent back", door, credential.Revoked)
		w.says("a phone of a firm sent back", phone, credential.Suspended)
		w.says("paper of a firm sent back", print, credential.Suspended)

		f, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Certified, Reason: "已补正"})
		must(t, err)
		w.says("the old door", door, credential.Revoked)
		w.says("the new door", f.Certificate.Text, credential.StatusValid)
		w.says("a phone, again", phone, credential.StatusValid)
		w.says("paper, again", print, credential.StatusValid)

		// The next day's pass has the place of the one before.
		w.hand.Add(workresume.PassLife - time.Hour)
		next, err := w.ShowCode(ctx, me)
		must(t, err)
		if next.Credential == phone {
			t.Fatal("not signed afresh")
		}
		if a, b := credential.Inspect(phone).Claims.Status, credential.Inspect(next.Credential).Claims.Status; *a != *b {
			t.Errorf("another place: %v, then %v", a, b)
		}

		// Who leaves takes both along, and comes back with another.
		_, err = w.Leave(ctx, office, f.ID, []string{me.Person}, key("leave"))
		must(t, err)
		w.says("a phone of one who left", phone, credential.Revoked)
		w.says("the newer one", next.Credential, credential.Revoked)
		w.says("a colleague's", print, credential.StatusValid)
		_, err = w.Return(ctx, office, f.ID, []string{me.Person}, key("return"))
		must(t, err)
		back, err := w.ShowCode(ctx, me)
		must(t, err)
		w.says("the old one after a return", next.Credential, credential.Revoked)
		w.says("the new one", back.Credential, credential.StatusValid)

		// At the gate a withdrawn code is an old one; its bearer shows the new one.
		for text, want := range map[string]workresume.CheckCode{next.Credential: workresume.CheckExpired, back.Credential: workresume.CheckOK} {
			c, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: text, Direction: workresume.In})
			must(t, err)
			if c.Code != want {
				t.Errorf("at the gate: %s, want %s", c.Code, want)
			}
		}
	})
}

// From an officer's click to the public list, with everything running.
func TestStatusIsPublishedSoon(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx, stop := context.WithCancel(t.Context())
		f, office := w.certified(w.park, 2)
		f, err := w.Firm(ctx, office, f.ID)
		must(t, err)
		done := make(chan error)
		go func() { done <- w.Status.Run(ctx, w.db.Engine() != "sqlite", func(err error) { t.Error(err) }) }()
		_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "核实为负面清单行业"})
		must(t, err)
		began := time.Now()
		for {
			doc, err := w.Status.Current(ctx, 1, false)
			must(t, err)
			list, err := statuslist.Open(doc.Body, w.Trust, w.hand.Now())
			must(t, err)
			if credential.Verify(f.Certificate.Text, w.Trust, w.hand.Now(), list.At(w.hand.Now())).Status == credential.Revoked {
				break
			}
			if time.Since(began) > 5*time.Second {
				t.Fatal("not on the list after five seconds")
			}
			time.Sleep(time.Millisecond)
		}
		t.Logf("on the signed list %v after the decision", time.Since(began).Round(time.Millisecond))
		stop()
		must(t, <-done)
	})
}
