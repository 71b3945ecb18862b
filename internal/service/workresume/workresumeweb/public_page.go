package workresumeweb

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

func (p *pages) publicRoutes() web.Routes {
	return append(p.openFigureRoutes(), web.Routes{
		{Method: "GET", Path: "/c", Handler: p.findCertificate, Access: web.Public, Class: admission.Result},
		{Method: "GET", Path: "/c/{code}", Handler: p.showCertificate, Access: web.Public, Class: admission.Result},
		{Method: "GET", Path: "/open", Handler: p.showOpen, Access: web.Public},
		{Method: "GET", Path: "/open/resumption", Handler: p.showList, Access: web.Public, Class: admission.Statistics},
		{Method: "GET", Path: "/open/resumption.csv", Handler: p.listCSV, Access: web.Public, Slow: time.Minute},
		{Method: "GET", Path: "/open/resumption.json", Handler: p.listJSON, Access: web.Public, Slow: time.Minute},
	}...)
}

// openPage is how many firms the public list shows at once, openChunk how many
// are read at once for a file.
const openPage, openChunk = 50, 500

// certificateData is the public page of a certificate. Standing is the answer to
// whoever stands before the door.
type certificateData struct {
	workresume.Public
	Standing bool
	Image    string    // of the signed text
	At       time.Time // the moment of the answer
}

// findCertificate takes the code printed under a certificate's small QR.
func (p *pages) findCertificate(w http.ResponseWriter, r *http.Request) error {
	if typed := r.URL.Query().Get("code"); typed != "" && len(typed) <= 60 {
		if code, err := ident.CheckAloud(typed); err == nil {
			typed = code
		}
		http.Redirect(w, r, "/c/"+url.PathEscape(typed), http.StatusSeeOther)
		return nil
	}
	return web.Render(w, r, certificateFindView(web.From(r), web.Blank(r)))
}

func (p *pages) showCertificate(w http.ResponseWriter, r *http.Request) error {
	page, code := web.From(r), r.PathValue("code")
	found, err := p.ByCertificate(r.Context(), code)
	if fault.Is(err, "workresume.certificate_unknown") && !web.WantsJSON(r) {
		kind := fault.New(fault.NotFound, "workresume.certificate_unknown").With("code", "gatepages.certificate_check")
		return web.Again(kind, func(f *ui.Form) templ.Component {
			f.Values = url.Values{"code": {code}}
			return certificateFindView(page, f)
		})
	}
	if err != nil {
		return err
	}
	d := certificateData{Public: found, At: p.Now(), Standing: found.State == workresume.Certified && found.Certificate.Standing(p.Now())}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, openFirmOf(found, d.Standing))
	}
	if d.Standing && found.Certificate.Text != "" {
		if d.Image, err = codeImage(page, found.Certificate.Text); err != nil {
			return err
		}
	}
	return web.Render(w, r, certificatePublicView(page, d))
}

// state, sign, word and facts of a certificate as anyone may see it.
func (d certificateData) state() ui.State {
	if d.Standing {
		return ui.Valid
	}
	return ui.Stop
}

func (d certificateData) sign() string {
	if d.Standing {
		return "✓"
	}
	return "✕"
}

func (d certificateData) word() string {
	switch {
	case d.Standing:
		return "gatepages.firm_open"
	case d.State == workresume.Certified && !d.Certificate.Suspended.IsZero() && d.Certificate.Ended.IsZero():
		return "workresume.watch.suspended"
	}
	return "gatepages.firm_ended"
}

// why is the sentence under the word.
func (d certificateData) why() string {
	switch {
	case d.Standing:
		return "gatepages.firm_open_why"
	case d.State == workresume.Certified && !d.Certificate.Suspended.IsZero() && d.Certificate.Ended.IsZero():
		return "watchpages.public_suspended"
	case d.State == workresume.Certified:
		return "gatepages.firm_replaced_why"
	}
	return "gatepages.firm_ended_why"
}

func (d certificateData) facts(p *ui.Page) []ui.Fact {
	c := d.Certificate
	out := []ui.Fact{
		{Term: p.T("gatepages.firm"), Text: d.Name},
		{Term: p.T("gatepages.credit_code"), Text: d.CreditCode},
		{Term: p.T("gatepages.class"), Text: p.T("workresume.class." + string(d.Class))},
		{Term: p.T("gatepages.issued"), Text: p.DateTime(c.Issued)},
	}
	if c.Ended.IsZero() {
		out = append(out, ui.Fact{Term: p.T("gatepages.until"), Text: p.DateTime(c.Until)})
	} else {
		out = append(out, ui.Fact{Term: p.T("gatepages.ended"), Text: p.DateTime(c.Ended)})
	}
	return append(out, ui.Fact{Term: p.T("gatepages.certificate_code"), Text: c.Code})
}

func (p *pages) showOpen(w http.ResponseWriter, r *http.Request) error {
	pic, err := p.OpenPicture(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, openView(web.From(r), pic.AsOf, pic.Next))
}

// listData is one page of the public list.
type listData struct {
	Firms       []workresume.Public
	After, Next string
}

func (d listData) next() string {
	if d.Next == "" {
		return ""
	}
	return "/open/resumption?after=" + url.QueryEscape(d.Next)
}

func (d listData) first() string {
	if d.After == "" {
		return ""
	}
	return "/open/resumption"
}

func (p *pages) showList(w http.ResponseWriter, r *http.Request) error {
	d := listData{After: r.URL.Query().Get("after")}
	var err error
	if d.Firms, d.Next, err = p.Open(r.Context(), d.After, openPage); err != nil {
		return err
	}
	return web.Render(w, r, openListView(web.From(r), d))
}

// now is the moment the page answers for.
func (d certificateData) now(p *ui.Page) string { return p.DateTime(d.At) }

func listColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("gatepages.firm"), Title: true},
		{Label: p.T("gatepages.credit_code_short")},
		{Label: p.T("gatepages.class"), Minor: true},
		{Label: p.T("gatepages.issued"), Minor: true},
		{Label: p.T("gatepages.until")},
	}
}
