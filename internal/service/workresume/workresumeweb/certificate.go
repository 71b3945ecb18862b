package workresumeweb

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// certificatePage is a certificate for the door: the signed code, which a reader
// checks without us, and beside it a small code with the public page's address.
type certificatePage struct {
	office
	Firm  workresume.Firm
	Class string
	Page  string // address of the public page
	Code  credential.Code
	Small string // the address as a picture
}

// certificate shows the certificate that stands; a firm without one learns so.
func (p *pages) certificate(w http.ResponseWriter, r *http.Request, o office) error {
	f, err := p.Firm(r.Context(), web.Principal(r), o.Firm)
	if err != nil {
		return err
	}
	if !f.Certificate.Standing(p.Now()) {
		return fault.New(fault.Conflict, "firmpages.no_certificate")
	}
	d := certificatePage{office: o, Firm: f, Page: p.PageURL(f.Certificate.Code)}
	if d.Code, err = credential.QR(f.Certificate.Text); err != nil {
		return err
	}
	small, err := credential.QR(d.Page)
	if err != nil {
		return err
	}
	d.Small = picture(small)
	return web.Render(w, r, certificateView(web.From(r), d))
}

// picture is a code as an image inside the page, for where a size in pixels is
// wanted without a rule of the sheet.
func picture(c credential.Code) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(c.PNG(8))
}

// drawing is a code as lines, which stay sharp at any size.
func drawing(c credential.Code, class, label string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error { return c.SVG(w, class, label) })
}

// printed is one person's code on paper.
type printed struct {
	workresume.Code
	QR *credential.Code // nil unless valid
}

// printedCode is the same for a program.
type printedCode struct {
	Person string `json:"person"`
	workresume.Code
}

type codesPage struct {
	office
	Codes []printed
}

// firmCodes prints codes for people without a phone.
func (p *pages) firmCodes(w http.ResponseWriter, r *http.Request, o office) error {
	in, err := peopleOf(r)
	if err != nil {
		return p.back(r, o, err)
	}
	list, err := p.PrintCodes(r.Context(), web.Principal(r), o.Firm, in.People)
	if err != nil {
		return p.back(r, o, err)
	}
	if web.WantsJSON(r) {
		out := make([]printedCode, len(list))
		for i, c := range list {
			c.Reason = web.Printer(r).T(c.Reason, "firm", c.Firm)
			out[i] = printedCode{c.Person, c}
		}
		return web.JSON(w, r, http.StatusOK, map[string]any{"codes": out})
	}
	d := codesPage{office: o}
	for _, c := range list {
		one := printed{Code: c}
		if c.Credential != "" {
			qr, err := credential.QR(c.Credential)
			if err != nil {
				return err
			}
			one.QR = &qr
		}
		d.Codes = append(d.Codes, one)
	}
	return web.Render(w, r, codesView(web.From(r), d))
}

func certificateFacts(p *ui.Page, f workresume.Firm) []ui.Fact {
	return []ui.Fact{
		{Term: p.T("firmpages.class"), Text: p.T("workresume.class." + string(f.Filing.Class))},
		{Term: p.T("firmpages.declared"), Text: p.T("firmpages.people", "n", f.Filing.Declared)},
		{Term: p.T("firmpages.issued"), Text: p.Date(f.Certificate.Issued)},
		{Term: p.T("firmpages.until"), Text: p.Date(f.Certificate.Until)},
	}
}
