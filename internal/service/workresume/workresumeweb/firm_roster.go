package workresumeweb

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// undoMost is how many people the line "taken off, undo" carries; more are put
// back from the list of those who left.
const undoMost = 20

// rosterPage is a firm's roster: upload, latest files, people at other firms, and
// who is on it or has left.
type rosterPage struct {
	office
	Firm    workresume.Firm
	Imports []workresume.Import
	Reviews []workresume.Review
	Members []workresume.Member
	Next    string
	Filter  workresume.MemberFilter
	Gone    []string // just taken off, to be put back
}

func (p *pages) rosterPage(r *http.Request, o office) (d rosterPage, err error) {
	ctx, by, q := r.Context(), web.Principal(r), r.URL.Query()
	d.office = o
	d.Filter = workresume.MemberFilter{Query: cut(q.Get("q")), Left: q.Get("left") == "1", After: cut(q.Get("after"))}
	if d.Gone = q["gone"]; len(d.Gone) > undoMost {
		d.Gone = nil
	}
	if d.Firm, err = p.Firm(ctx, by, o.Firm); err != nil {
		return d, err
	}
	if d.Imports, err = p.Imports(ctx, by, o.Firm); err != nil {
		return d, err
	}
	if d.Reviews, err = p.Reviews(ctx, by, o.Firm); err != nil {
		return d, err
	}
	d.Members, d.Next, err = p.Members(ctx, by, o.Firm, d.Filter)
	return d, err
}

// cut keeps a text from the address to the length a person would type.
func cut(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 100)])
}

// list is the address of a page of the list.
func (d rosterPage) list(f workresume.MemberFilter) string {
	v := url.Values{}
	if f.Query != "" {
		v.Set("q", f.Query)
	}
	if f.Left {
		v.Set("left", "1")
	}
	if f.After != "" {
		v.Set("after", f.After)
	}
	if len(v) == 0 {
		return d.to("/roster") + "#people"
	}
	return d.to("/roster") + "?" + v.Encode() + "#people"
}

func (p *pages) firmRoster(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.rosterPage(r, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, rosterView(web.From(r), d, web.Blank(r)))
}

// peopleInput names people on the roster. Act is "ask" to see first what would
// follow, empty to do it.
type peopleInput struct {
	Act    string   `form:"act" json:"act,omitempty" max:"10"`
	People []string `form:"people" json:"people" max:"60"`
}

// people is what a POST about people on the roster begins with.
func peopleOf(r *http.Request) (peopleInput, error) {
	var in peopleInput
	if err := web.Decode(r, &in); err != nil {
		return in, err
	}
	slices.Sort(in.People)
	in.People = slices.Compact(in.People)
	if len(in.People) == 0 || len(in.People) > 500 {
		return in, fault.New(fault.Invalid, "workresume.choose_people", "most", 500)
	}
	return in, nil
}

// back shows the roster again with what went wrong.
func (p *pages) back(r *http.Request, o office, err error) error {
	d, broken := p.rosterPage(r, o)
	if broken != nil {
		return broken
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return rosterView(web.From(r), d, f) })
}

// leavePage asks before people are taken off.
type leavePage struct {
	office
	Firm    workresume.Firm
	Members []workresume.Member
	Then    workresume.State  // what the rules would say
	Filing  workresume.Filing // as it would follow
	Key     string
}

func (p *pages) firmLeave(w http.ResponseWriter, r *http.Request, o office) error {
	ctx, by := r.Context(), web.Principal(r)
	in, err := peopleOf(r)
	if err != nil {
		return p.back(r, o, err)
	}
	if in.Act == "ask" {
		d := leavePage{office: o, Key: web.From(r).Ticket()}
		if d.Firm, err = p.Firm(ctx, by, o.Firm); err != nil {
			return err
		}
		if d.Members, err = p.MembersOf(ctx, by, o.Firm, in.People); err != nil {
			return err
		}
		d.Then = d.Firm.State
		if d.Firm.Filing != nil {
			var then workresume.State
			if then, d.Filing = p.ForeseeFor(d.Firm, int64(len(d.Members))); d.Firm.Override == nil {
				d.Then = then
			}
		}
		return web.Render(w, r, leaveView(web.From(r), d))
	}
	n, err := p.Leave(ctx, by, o.Firm, in.People, web.Once(r, "workresume.leave", in.People))
	if err != nil {
		return err
	}
	to := o.to("/roster")
	if len(in.People) <= undoMost {
		to += "?" + url.Values{"gone": in.People}.Encode()
	} else {
		web.Flash(w, r, ui.Valid, "firmpages.left", "", "n", n)
	}
	return web.Done(w, r, to, moved{n})
}

// moved is how many people an act really moved.
type moved struct {
	Moved int64 `json:"moved"`
}

func (p *pages) firmReturn(w http.ResponseWriter, r *http.Request, o office) error {
	in, err := peopleOf(r)
	if err != nil {
		return p.back(r, o, err)
	}
	n, err := p.Return(r.Context(), web.Principal(r), o.Firm, in.People, web.Once(r, "workresume.return", in.People))
	if err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "firmpages.back", "", "n", n)
	return web.Done(w, r, o.to("/roster"), moved{n})
}

// askInput is the firm saying that a person works here now.
type askInput struct {
	Review string `form:"review" json:"review" max:"60"`
	Note   string `form:"note" json:"note" max:"500"`
}

func (p *pages) firmAsk(w http.ResponseWriter, r *http.Request, o office) error {
	var in askInput
	if err := web.Decode(r, &in); err != nil {
		return p.back(r, o, err)
	}
	if err := p.AskReview(r.Context(), web.Principal(r), in.Review, in.Note, web.Once(r, "workresume.ask", in)); err != nil {
		return p.back(r, o, err)
	}
	web.Flash(w, r, ui.Valid, "firmpages.asked", "")
	return web.Done(w, r, o.to("/roster"), in)
}

func rosterColumns(p *ui.Page, left bool) []ui.Column {
	when := "firmpages.joined"
	if left {
		when = "firmpages.left_at"
	}
	return []ui.Column{
		{Label: p.T("firmpages.name"), Title: true},
		{Label: p.T("firmpages.id_number")},
		{Label: p.T("firmpages.phone")},
		{Label: p.T("firmpages.department")},
		{Label: p.T("firmpages.number"), Minor: true},
		{Label: p.T(when), Minor: true},
	}
}

func importColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.import_file"), Title: true},
		{Label: p.T("firmpages.import_state")},
		{Label: p.T("firmpages.import_accepted"), Number: true},
		{Label: p.T("firmpages.import_rejected"), Number: true},
		{Label: p.T("firmpages.import_started"), Minor: true},
	}
}
