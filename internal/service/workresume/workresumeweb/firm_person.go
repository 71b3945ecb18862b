package workresumeweb

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// personPage is one person on a firm's roster. Open is there once, right after it
// was revealed, and never again without another reason.
type personPage struct {
	office
	Firm   workresume.Firm
	Member workresume.Member
	Open   *party.Person
}

func (p *pages) personPage(r *http.Request, o office) (d personPage, err error) {
	ctx, by := r.Context(), web.Principal(r)
	d.office = o
	if d.Firm, err = p.Firm(ctx, by, o.Firm); err != nil {
		return d, err
	}
	list, err := p.MembersOf(ctx, by, o.Firm, []string{r.PathValue("person")})
	if err == nil {
		d.Member = list[0]
	}
	return d, err
}

func (p *pages) firmPerson(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.personPage(r, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, personView(web.From(r), d, web.Blank(r)))
}

// revealInput is why somebody must see a person's particulars.
type revealInput struct {
	Reason string `form:"reason" json:"reason" max:"200"`
}

func (p *pages) firmReveal(w http.ResponseWriter, r *http.Request, o office) error {
	var in revealInput
	bad := web.Decode(r, &in)
	d, err := p.personPage(r, o)
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return personView(web.From(r), d, f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	open, err := p.Reveal(r.Context(), web.Principal(r), o.Firm, d.Member.ID, in.Reason)
	if err != nil {
		return web.Again(err, again)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, revealed{open.Name, open.IDKind, open.IDNumber, open.Phone, open.Address, open.Native})
	}
	d.Open = &open
	return web.Render(w, r, personView(web.From(r), d, web.Blank(r)))
}

// renameInput corrects a name.
type renameInput struct {
	Name   string `form:"name" json:"name" max:"60"`
	Reason string `form:"why" json:"reason" max:"200"`
}

func (p *pages) deskRename(w http.ResponseWriter, r *http.Request, o office) error {
	var in renameInput
	bad := web.Decode(r, &in)
	d, err := p.personPage(r, o)
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return personView(web.From(r), d, f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	want := workresume.RenameInput{Firm: o.Firm, Person: d.Member.ID, Name: in.Name, Reason: in.Reason}
	want.Key = web.Once(r, "workresume.rename", want)
	m, err := p.Rename(r.Context(), web.Principal(r), want)
	if err != nil {
		return web.Again(whyField(err, r), again)
	}
	web.Flash(w, r, ui.Valid, "firmpages.renamed", "")
	return web.Done(w, r, o.to("/people/"+m.ID), m)
}

// whyField puts a fault of the reason at its field in the form: the page asks for
// another reason too, for showing the person in full.
func whyField(err error, r *http.Request) error {
	if web.WantsJSON(r) {
		return err
	}
	f := *fault.As(err)
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		if f.Fields[i].Name == "reason" {
			f.Fields[i].Name = "why"
		}
	}
	return &f
}

// revealed is a person in the open, as a program is told.
type revealed struct {
	Name        string `json:"name"`
	IDKind      string `json:"id_kind"`
	IDNumber    string `json:"id_number"`
	Phone       string `json:"phone"`
	Address     string `json:"address"`
	NativePlace string `json:"native_place"`
}

// name is the person's name as far as it may be shown now.
func (d personPage) name(p *ui.Page) string {
	if d.Open != nil {
		return d.Open.Name
	}
	return memberName(p, d.Member)
}

func (d personPage) facts(p *ui.Page) []ui.Fact {
	number, phone := d.Member.IDNumber, d.Member.Phone
	if d.Open != nil {
		number, phone = d.Open.IDNumber, d.Open.Phone
	}
	out := []ui.Fact{{Term: p.T("firmpages.name"), Text: d.name(p)}, {Term: p.T("firmpages.id_number"), Text: number}, {Term: p.T("firmpages.phone"), Text: phone}}
	if d.Open != nil {
		out = append(out, some(p, "firmpages.native_place", d.Open.Native)...)
		out = append(out, some(p, "firmpages.address", d.Open.Address)...)
	}
	out = append(out, some(p, "firmpages.number", d.Member.Number)...)
	out = append(out, some(p, "firmpages.department", memberWork(d.Member))...)
	out = append(out, ui.Fact{Term: p.T("firmpages.joined"), Text: p.Date(d.Member.Joined)})
	if !d.Member.Left.IsZero() {
		out = append(out, ui.Fact{Term: p.T("firmpages.left_at"), Text: p.Date(d.Member.Left), State: ui.Warn})
	}
	return out
}

// some is a fact if there is anything to say.
func some(p *ui.Page, term, text string) []ui.Fact {
	if text == "" {
		return nil
	}
	return []ui.Fact{{Term: p.T(term), Text: text}}
}
