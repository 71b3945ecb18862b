package status

import (
	"net/http"

	"breakwater/internal/admission"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// Path is where everybody may look.
const Path = "/status"

// Routes is the page. It is refused after all but the code shows: who is told to
// wait looks here.
func (w *Watch) Routes() web.Routes {
	return web.Routes{{Method: "GET", Path: Path, Handler: w.show, Access: web.Public, Class: admission.Notice}}
}

func (w *Watch) show(rw http.ResponseWriter, r *http.Request) error {
	p := web.From(r)
	if web.Fragment(r) {
		return web.Render(rw, r, part(p, w.Report()))
	}
	p.Refresh, p.Polled = 20, true
	return web.Render(rw, r, view(p, w.Report()))
}

func sign(s State) ui.State {
	switch s {
	case Well:
		return ui.Valid
	case Busy:
		return ui.Warn
	case Ill:
		return ui.Stop
	case Unknown:
	}
	return ui.Wait
}

// word and text name the state; each is a message of its own.
func word(p *ui.Page, s State) string { return p.T("status.word_" + string(s)) }
func text(p *ui.Page, s State) string { return p.T("status.text_" + string(s)) }

// facts are the parts, one line each.
func facts(p *ui.Page, r Report) []ui.Fact {
	store := ui.Fact{Term: p.T("status.store"), Text: p.T("status.store_away"), State: ui.Stop}
	switch {
	case r.Store.Since == nil:
		store.Text, store.State = word(p, Unknown), ui.Wait
	case r.Store.Reachable:
		store.Text, store.State = p.T("status.store_there"), ui.Valid
	}
	door := ui.Fact{Term: p.T("status.door"), Text: p.T("status.door_open"), State: ui.Valid}
	if r.Work.Limited {
		door.Text, door.State = p.T("status.door_limited"), ui.Warn
	}
	out := []ui.Fact{store}
	if r.Store.Since != nil {
		out = append(out, ui.Fact{Term: p.T("status.store_since"), Text: p.DateTime(*r.Store.Since)})
	}
	out = append(out, door)
	if r.Work.Since != nil {
		out = append(out, ui.Fact{Term: p.T("status.limited_since"), Text: p.Time(*r.Work.Since)})
	}
	if r.Work.Capacity > 0 {
		out = append(out, ui.Fact{Term: p.T("status.capacity"), Text: p.T("status.per_second", "n", r.Work.Capacity)})
	}
	if r.Log.At != nil {
		out = append(out, ui.Fact{Term: p.T("status.sealed"), Text: p.T("status.sealed_facts", "n", r.Log.Sealed)})
	}
	return append(out, ui.Fact{Term: p.T("status.running"), Text: p.DateTime(r.Running)})
}

// tile is one large figure.
type tile struct{ title, figure, below string }

func tiles(p *ui.Page, r Report) []tile {
	second := p.T("status.a_second")
	return []tile{
		{p.T("status.shows"), p.Decimal(r.Work.Shows, 0), second},
		{p.T("status.gates"), p.Decimal(r.Work.Gates, 0), second},
		{p.T("status.wait50"), p.T("status.ms", "n", p.Decimal(r.Work.Wait50, 1)), p.T("status.half")},
		{p.T("status.wait99"), p.T("status.ms", "n", p.Decimal(r.Work.Wait99, 1)), p.T("status.most")},
	}
}
