package webtest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/webtest"
)

const mayKeep auth.Permission = "note.keep"

type note struct {
	Text string `form:"text" json:"text" max:"100"`
}

// site is a small service: a firm keeps notes under its own id.
func site(t *testing.T, broken bool) (webtest.Sweep, *web.Site) {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	as, who := webtest.Identify()
	grants := auth.Grants{mayKeep: {auth.Firm, auth.Officer}}
	own := func(r *http.Request) error {
		if broken {
			return errors.New("sql: database is closed")
		}
		p := web.Principal(r)
		if p.Role == auth.Firm && p.Scope.ID != r.PathValue("firm") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return nil
	}
	routes := web.Routes{
		{Method: "GET", Path: "/firm/{firm}/note", Access: web.Needs(mayKeep), Handler: func(w http.ResponseWriter, r *http.Request) error {
			if err := own(r); err != nil {
				return err
			}
			return web.JSON(w, r, 200, note{"kept"})
		}},
		{Method: "POST", Path: "/firm/{firm}/note", Access: web.Needs(mayKeep), Input: note{}, Handler: func(w http.ResponseWriter, r *http.Request) error {
			var in note
			if err := web.Decode(r, &in); err != nil {
				return err
			}
			if err := own(r); err != nil {
				return err
			}
			return web.Done(w, r, "/", in)
		}},
	}
	s, err := web.New(web.Deps{Texts: texts, Routes: routes, Grants: grants, Who: who})
	if err != nil {
		t.Fatal(err)
	}
	return webtest.Sweep{
		Site: s, Routes: s.Routes, Grants: grants, Foreign: map[string]string{"firm": "fir_other"},
		As: func(r *http.Request, role auth.Role) {
			as(auth.Principal{ID: "acc_1", Role: role, Scope: auth.OfFirm("fir_own")})(r)
		},
	}, s
}

func TestSweep(t *testing.T) {
	sweep, _ := site(t, false)
	_, broken := site(t, true)
	sweep.Broken = broken
	sweep.Run(t)
}

func TestCaller(t *testing.T) {
	sweep, _ := site(t, false)
	c := webtest.Caller{T: t, Site: sweep.Site, As: func(r *http.Request) { sweep.As(r, auth.Officer) }}
	var got note
	c.JSON("POST", "/firm/fir_own/note", "key_1", map[string]string{"text": " kept "}).Want(t, 200).Decode(t, &got)
	if got.Text != "kept" {
		t.Error(got)
	}
	c.Form("/firm/fir_own/note", "text", "kept").Want(t, 303)
	c.Form("/preference", "lang", "zh-Hans", "next", "/nothing").Want(t, 303)
	if a := c.Get("/nothing").Want(t, 404, "没有找到"); !strings.Contains(a.Header.Get("Content-Language"), "zh") {
		t.Error(a.Header)
	}
}
