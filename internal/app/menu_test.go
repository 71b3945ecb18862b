package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
	"breakwater/internal/web/webtest"
)

var (
	menus = regexp.MustCompile(`(?s)<nav[^>]*>.*?</nav>`)
	leads = regexp.MustCompile(`href="(/[^"?#]*)"`)

	deskPage = regexp.MustCompile(`/[a-z]{3}_[0-9a-z]+`) // an id within an address: one page of each kind is enough
)

// No role's menu leads to a door that is shut: every menu is walked, those of the
// pages it leads to as well.
func TestNoMenuLeadsToARefusal(t *testing.T) {
	s := newStreet(t)
	for _, role := range []auth.Role{auth.Worker, auth.Resident, auth.Firm, auth.Guard, auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander} {
		t.Run(string(role), func(t *testing.T) {
			seen := walkMenus(t, s.as(role), home(auth.Principal{Role: role}))
			if role == auth.Auditor && (!seen["/log"] || !seen["/desk/resumption"] || seen["/desk/claims"] || seen["/desk/risk"]) {
				t.Errorf("the auditor is led to %v", seen)
			}
			if role == auth.Officer && (!seen["/desk/claims"] || !seen["/desk/risk"]) {
				t.Errorf("the officer is led to %v", seen)
			}
		})
	}
	var park string
	if err := s.DB.Read(t.Context(), func(r storage.Reader) error {
		return r.Row(`select id from place_place where kind = 'park' limit 1`).Scan(&park)
	}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []auth.Role{auth.Officer, auth.SecondOfficer} {
		t.Run("a park's "+string(role), func(t *testing.T) {
			var a auth.Account
			if err := s.DB.Write(t.Context(), func(tx *storage.Tx) (err error) {
				a, err = s.Auth.EnsureSeat(tx, "system", auth.Seat{Role: role, Scope: auth.Park(park), Name: "Park"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			token, err := s.Auth.CreateToken(t.Context(), auth.Operator(), a.ID, "menu", s.hand.Now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			c := &webtest.Caller{T: t, Site: s.site, Lang: "en", As: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }}
			walkMenus(t, c, home(auth.Principal{Role: role}))
		})
	}
}

// walkMenus opens what the menus of path lead to, and what theirs lead to.
func walkMenus(t *testing.T, c *webtest.Caller, path string) map[string]bool {
	t.Helper()
	seen := map[string]bool{path: true}
	for waiting := []string{path}; len(waiting) > 0; waiting = waiting[1:] {
		a := c.Send(http.MethodGet, waiting[0], "", nil, "Accept", "text/html")
		if a.Status != http.StatusOK {
			t.Errorf("a menu leads to %s, which answers %d", waiting[0], a.Status)
			continue
		}
		for _, link := range leads.FindAllStringSubmatch(strings.Join(menus.FindAllString(a.Body, -1), ""), -1) {
			if !seen[link[1]] {
				seen[link[1]] = true
				waiting = append(waiting, link[1])
			}
		}
	}
	return seen
}

// Every page of the desk has the desk's menu at its side, however one came there; a
// sheet for paper has none.
func TestEveryDeskPageHasItsMenu(t *testing.T) {
	s := newStreet(t)
	officer := s.as(auth.Officer)
	seen := map[string]bool{"/desk/resumption": true}
	count := 0
	for waiting := []string{"/desk/resumption"}; len(waiting) > 0 && count < 150; waiting = waiting[1:] {
		a := officer.Send(http.MethodGet, waiting[0], "", nil, "Accept", "text/html")
		if a.Status != http.StatusOK || !strings.Contains(a.Body, "<main") || strings.Contains(a.Body, `class="paper"`) {
			continue
		}
		count++
		if !strings.Contains(a.Body, `<nav class="rail"`) {
			t.Errorf("%s has no menu", waiting[0])
		}
		for _, link := range leads.FindAllStringSubmatch(a.Body, -1) {
			if kind := deskPage.ReplaceAllString(link[1], "/*"); strings.HasPrefix(link[1], "/desk/") && !seen[kind] {
				seen[kind] = true
				waiting = append(waiting, link[1])
			}
		}
	}
	if count < 15 {
		t.Errorf("only %d pages were walked", count)
	}
}
