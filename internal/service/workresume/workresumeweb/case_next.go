package workresumeweb

import (
	"net/http"
	"net/url"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// caseNext goes on to the next case that waits: one's own first, then nobody's. Where
// nothing waits any more the list says so.
func (p *pages) caseNext(w http.ResponseWriter, r *http.Request) error {
	id, err := p.NextCase(r.Context(), web.Principal(r), cut(r.URL.Query().Get("after")))
	if err != nil {
		return err
	}
	to := casesBase
	if id == "" {
		web.Flash(w, r, ui.Valid, "casepages.next_none", "")
	} else {
		to += "/" + url.PathEscape(id)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// nextHref is the way on from a case.
func nextHref(after string) string {
	if after == "" {
		return nextCase
	}
	return nextCase + "?" + url.Values{"after": {after}}.Encode()
}

// lateCases is how many cases notices speak of: a case may be told of twice.
func lateCases(told []casework.Notice) int {
	seen := map[string]bool{}
	for _, n := range told {
		seen[n.Case.ID] = true
	}
	return len(seen)
}

// A shortcut of the keyboard: the key and the message that says what it does.
type shortcut struct{ Key, Text string }

// listKeys and caseKeys are what the keyboard does on a list and on one case; each is
// also a link, a button or a tick box that anybody can reach without it.
func listKeys() []shortcut {
	return []shortcut{
		{"j", "casepages.key_down"},
		{"k", "casepages.key_up"},
		{"Enter", "casepages.key_open"},
		{"x", "casepages.key_tick"},
		{"n", "casepages.key_next"},
		{"?", "casepages.key_help"},
		{"Esc", "casepages.key_shut"},
	}
}

func caseKeys() []shortcut {
	return []shortcut{
		{"t", "casepages.key_take"}, {"u", "casepages.key_undo"}, {"n", "casepages.key_next"}, {"?", "casepages.key_help"}, {"Esc", "casepages.key_shut"},
	}
}

// undoable is whether the reader can take back what they assigned a moment ago.
func (d workPage) undoable() bool { return d.Case.Undoable(d.By, d.Now) }
