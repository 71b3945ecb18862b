package app

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/auth"
)

// again is when to ask again, which moves with the second in which it is said.
var again = regexp.MustCompile(`"again_in_seconds":\d+`)

// TestQuickQueue takes places and asks for them on the lane and past it: both ways say the
// same, and what is refused is refused past it, in words.
func TestQuickQueue(t *testing.T) {
	a, addr, by := onLane(t)
	o := openFile(t, a, 300, func(file []byte) []byte { // it opens at the end of the day
		return bytes.Replace(file, []byte(`"20:00"`), []byte(`"23:59"`), 1)
	})
	people, err := a.Auth.TokensFor(t.Context(), auth.Worker, 20, auth.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(what, token, body string, more ...string) (said, bool) {
		before := by.answered
		if body != "" {
			more = append(more, "Content-Type: application/json", "Idempotency-Key: k", fmt.Sprint("Content-Length: ", len(body)))
		}
		out := send(t, addr, what+" /api/v1/ration/queue"+map[bool]string{true: "?campaign=" + o.Campaign}[what == "GET"], token, body, more...)
		out.body = again.ReplaceAllString(out.body, "")
		out.header.Del("Content-Length") // with the digits that were taken out
		return out, by.answered > before
	}
	body := fmt.Sprintf(`{"campaign":%q}`, o.Campaign)
	if first, _ := ask("POST", people[0], body, "Connection: close"); first.status != http.StatusOK {
		t.Fatal(first) // which makes the room
	}
	for i, token := range people[1:] {
		if none, quickly := ask("GET", token, ""); none.status != http.StatusNotFound || quickly {
			t.Errorf("%d has no place: %d, on the lane: %v", i, none.status, quickly)
		}
		for _, what := range []string{"POST", "GET"} {
			sent := map[bool]string{true: body}[what == "POST"]
			first, quickly := ask(what, token, sent)
			past, slowly := ask(what, token, sent, "Connection: close")
			if diff := cmp.Diff(first, past, cmp.AllowUnexported(said{})); diff != "" || first.status != http.StatusOK || !quickly || slowly {
				t.Errorf("%s %d, on the lane (%v) and past it (%v): %d %s", what, i, quickly, !slowly, first.status, diff)
			}
		}
	}
	for name, x := range map[string]struct {
		body string
		want int
	}{
		"a campaign nobody knows": {`{"campaign":"x"}`, http.StatusNotFound},
		"said twice":              {`{"campaign":"a","campaign":"b"}`, http.StatusUnprocessableEntity},
		"for somebody else":       {fmt.Sprintf(`{"campaign":%q,"for":"per_x"}`, o.Campaign), http.StatusNotFound},
	} {
		if got, quickly := ask("POST", people[1], x.body); quickly || got.status != x.want {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}
