package app

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// allDay is a city's campaign with hours that are always, and nobody waiting for them.
func allDay(file []byte) []byte {
	return bytes.Replace(bytes.Replace(file, []byte(`"20:00"`), []byte(`"00:00"`), 1), []byte("queue = true"), []byte("queue = false"), 1)
}

// openAllDay opens Guangzhou's campaign with hours that are always, and offers pieces at
// one shop today.
func openAllDay(t testing.TB, a *App, pieces int64) ration.Offer {
	t.Helper()
	return openFile(t, a, pieces, allDay)
}

// openFile opens Guangzhou's campaign as edit makes it, and offers pieces at one shop today.
func openFile(t testing.TB, a *App, pieces int64, edit func([]byte) []byte) ration.Offer {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile("../service/ration/campaign/guangzhou.toml")
	must(err)
	ctx, at := t.Context(), auth.District(a.Home.ID)
	officer := auth.Principal{ID: "acc_drill_o", Name: "甲", Role: auth.Officer, Scope: at}
	act, err := a.Ration.OpenCampaign(ctx, officer, ration.OpenInput{File: edit(file), Reason: "演练用活动"})
	must(err)
	must(a.Ration.ConfirmOpen(ctx, auth.Principal{ID: "acc_drill_s", Name: "乙", Role: auth.SecondOfficer, Scope: at}, act.ID, once.Key{}))
	shop, err := a.Ration.OpenPoint(ctx, officer, ration.PointInput{Kind: ration.Shop, Name: "演练药房", Address: "聚贤路 1 号"})
	must(err)
	must(a.Ration.Supply(ctx, officer, "guangzhou-2020", pieces, "演练用总量", once.Key{}))
	list, err := a.Ration.Plan(ctx, officer, ration.PlanInput{
		Campaign: "guangzhou-2020", Day: ration.DayOf(a.Config.Clock().In(a.Home.Location())), Offers: []ration.OfferInput{{Point: shop.ID, Pieces: pieces}},
	})
	must(err)
	return list[0]
}

// anyTime is what is said without the reference of this one time.
func (s said) anyTime() said {
	s.body = reference.ReplaceAllString(s.body, "reference:")
	return s
}

var reference = regexp.MustCompile(`reference:[^"]+`)

// TestQuickClaims asks for shares on the lane and past it, under the same keys and
// others: both ways say the same, whether it is given or refused, and what the lane cannot
// judge whole it leaves.
func TestQuickClaims(t *testing.T) {
	a, addr, by := onLane(t)
	o := openAllDay(t, a, 300)
	people, err := a.Auth.TokensFor(t.Context(), auth.Worker, 80, auth.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	claim := func(token, key, body string, more ...string) (said, bool) {
		before := by.answered
		out := send(t, addr, "POST /api/v1/ration/claims", token, body, append(more, "Content-Type: application/json", "Idempotency-Key: "+key, fmt.Sprint("Content-Length: ", len(body)))...)
		return out, by.answered > before
	}
	body := fmt.Sprintf(`{"offer":%q}`, o.ID)
	if first, _ := claim(people[0], "k", body, "Connection: close"); first.status != http.StatusOK {
		t.Fatal(first) // which brings the offer into memory
	}
	had := 1
	for i, token := range people[1:] {
		first, quickly := claim(token, "k", body)
		again, slowly := claim(token, "k", body, "Connection: close")
		diff := cmp.Diff(first.anyTime(), again.anyTime(), cmp.AllowUnexported(said{}))
		switch {
		case had < 60 && (diff != "" || first.status != http.StatusOK || !quickly || slowly):
			t.Errorf("claim %d, on the lane (%v) and past it: %d %s", i, quickly, first.status, diff)
		case had >= 60 && (first.status != http.StatusGone || diff != "" || !quickly || slowly):
			t.Errorf("claim %d after the last, on the lane (%v) and past it: %d %s", i, quickly, first.status, diff)
		}
		had++
		lang := "Accept-Language: " + [...]string{"zh-CN", "en"}[i%2]
		accept := "Accept: " + [...]string{"application/json", "text/html", "*/*"}[i%3]
		other, quickly := claim(token, "other", body, lang, accept)
		past, slowly := claim(token, "other", body, lang, accept, "Connection: close")
		diff = cmp.Diff(other.anyTime(), past.anyTime(), cmp.AllowUnexported(said{}))
		if other.status != http.StatusConflict && other.status != http.StatusGone || diff != "" || !quickly || slowly {
			t.Errorf("claim %d under another key, on the lane (%v) and past it: %d %s", i, quickly, other.status, diff)
		}
	}
	for name, x := range map[string]struct {
		body string
		want int
	}{
		"an offer nobody knows": {`{"offer":"off_x"}`, http.StatusNotFound},
		"no offer":              {`{"offer":""}`, http.StatusNotFound},
		"said twice":            {`{"offer":"a","offer":"b"}`, http.StatusUnprocessableEntity},
		"another body":          {fmt.Sprintf(`{"offer":%q,"for":"per_x"}`, o.ID), http.StatusNotFound},
	} {
		if got, quickly := claim(people[1], "new-"+x.body[2:8], x.body); quickly || got.status != x.want {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}
