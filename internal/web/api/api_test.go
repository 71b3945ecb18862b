package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/webtest"
)

type noteInput struct {
	Note  string `path:"note" doc:"The note's id."`
	Loud  bool   `query:"loud"`
	Times int64  `query:"times"`
	Body  struct {
		Text string   `json:"text" max:"20" maxLength:"20"`
		Tags []string `json:"tags,omitempty"`
	}
}

type noteAnswer struct {
	Note string     `json:"note"`
	Text string     `json:"text"`
	Tags []string   `json:"tags"`
	Next *nextNote  `json:"next"`
	Key  string     `json:"key"`
	Sum  [32]byte   `json:"-"`
	Kind *string    `json:"kind" enum:"a,b"`
	More []nextNote `json:"more"`
}

type nextNote struct {
	Note string `json:"note"`
}

// Reply is 201 for a new note.
func (n noteAnswer) Reply(h http.Header) int {
	h.Set("Location", "/notes/"+n.Note)
	return http.StatusCreated
}

// site is an API of one operation, called by who.
func site(t testing.TB, who auth.Principal) *web.Site {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	door := api.New(api.Deps{Texts: texts, Version: "1"})
	op := api.Op{ID: "keepNote", Method: http.MethodPost, Path: "/notes/{note}", Group: "firms", Access: web.SignedIn}
	api.Add(door, op, func(_ context.Context, c api.Call, in *noteInput) (noteAnswer, error) {
		if in.Body.Text == "no" {
			return noteAnswer{}, fault.New(fault.Busy, "fault.busy")
		}
		text := strings.Repeat(in.Body.Text, int(max(in.Times, 1)))
		if in.Loud {
			text = strings.ToUpper(text)
		}
		return noteAnswer{Note: in.Note, Text: text, Tags: append([]string{}, in.Body.Tags...), Key: c.Key.Key, Sum: c.Key.Digest, More: []nextNote{}}, nil
	})
	routes, err := door.Routes()
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(web.Deps{Texts: texts, Routes: routes, Grants: api.Permits(), Who: func(context.Context) auth.Principal { return who }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var someone = auth.Principal{ID: "acc_1", Role: auth.Officer}

func TestOperation(t *testing.T) {
	c := webtest.Caller{T: t, Site: site(t, someone)}
	for _, x := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"n1", `{"text":" a "}`, 201, `{"note":"n1","text":"a","tags":[],"next":null,"key":"k","kind":null,"more":[]}`},
		{"n1?loud&times=3", `{"text":"a","tags":["x"]}`, 201, `"text":"AAA","tags":["x"]`},
		{"n1?loud=false", ``, 201, `"text":""`},
		{"n1?loud=perhaps", `{"text":"a"}`, 422, `"field":"loud","code":"fault.wrong_type"`},
		{"n1?times=many", `{"text":"a"}`, 422, `"field":"times","code":"fault.wrong_type"`},
		{strings.Repeat("n", 501), `{"text":"a"}`, 422, `"field":"note","code":"fault.too_long"`},
		{"n1", `{"text":"` + strings.Repeat("a", 21) + `"}`, 422, `"field":"text","code":"fault.too_long"`},
		{"n1", `{"text":"no"}`, 503, `"code":"fault.busy"`},
	} {
		a := c.Send("POST", api.Base+"/notes/"+x.path, "application/json", strings.NewReader(x.body), "Idempotency-Key", "k").Want(t, x.status, x.want)
		if x.status == 201 && a.Header.Get("Location") != "/notes/n1" || x.status == 503 && a.Header.Get("Retry-After") == "" {
			t.Error(x.path, a.Header)
		}
	}
	nobody := webtest.Caller{T: t, Site: site(t, auth.Principal{})}
	nobody.JSON("POST", api.Base+"/notes/n1", "", map[string]string{}).Want(t, 401)
}

// TestSchema holds the document to what Go types do not say by themselves.
func TestSchema(t *testing.T) {
	c := webtest.Caller{T: t, Site: site(t, someone)}
	var doc struct {
		Paths      map[string]map[string]struct{ Parameters []struct{ Name, In string } }
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any
			}
		}
	}
	c.Get(api.Document).Want(t, 200).Decode(t, &doc)
	got := doc.Components.Schemas["NoteAnswer"].Properties
	want := map[string]map[string]any{
		"note": {"type": "string"}, "text": {"type": "string"}, "key": {"type": "string"},
		"tags": {"type": "array", "items": map[string]any{"type": "string"}},
		"next": {"anyOf": []any{map[string]any{"$ref": "#/components/schemas/NextNote"}, map[string]any{"type": "null"}}},
		"kind": {"type": []any{"string", "null"}, "enum": []any{"a", "b", nil}},
		"more": {"type": "array", "items": map[string]any{"$ref": "#/components/schemas/NextNote"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var names []string
	for _, p := range doc.Paths[api.Base+"/notes/{note}"]["post"].Parameters {
		names = append(names, p.In+" "+p.Name)
	}
	if d := cmp.Diff([]string{"path note", "query loud", "query times", "header Idempotency-Key"}, names); d != "" {
		t.Error(d)
	}
}

// BenchmarkOperation is what the API and the shell cost around a verb that does
// nothing.
func BenchmarkOperation(b *testing.B) {
	s := site(b, someone)
	body := []byte(`{"text":"a","tags":["x","y"]}`)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", api.Base+"/notes/n1", io.NopCloser(strings.NewReader(string(body))))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != 201 {
			b.Fatal(w.Code)
		}
	}
}
