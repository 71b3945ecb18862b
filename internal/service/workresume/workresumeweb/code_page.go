package workresumeweb

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

func (p *pages) codeRoutes() web.Routes {
	return web.Routes{
		{Method: "GET", Path: "/me/code", Handler: p.showMyCode, Access: web.Needs(workresume.MayShow), Twin: "showCode", Class: admission.Show, Hot: true, Quick: p.quickMyCode},
	}
}

// codeAnswer is one's own code for a program.
type codeAnswer struct {
	State      workresume.CodeState `json:"state"`
	Until      time.Time            `json:"until,omitzero"`
	Reason     string               `json:"reason"`
	ReasonCode string               `json:"reason_code"`
	Credential string               `json:"credential"`
	ShortCode  string               `json:"short_code"`
	Name       string               `json:"name"` // masked
	Firm       string               `json:"firm"`
}

// codeData is what the page draws.
type codeData struct {
	workresume.Code
	Image string // the credential as a picture in an address, "" when there is none to show
	When  string // until when it holds, "" for no end
}

func (p *pages) showMyCode(w http.ResponseWriter, r *http.Request) error {
	c, err := p.ShowCode(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	page := web.From(r)
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, codeAnswer{
			c.State, c.Until, page.T(c.Reason, "firm", c.Firm), c.Reason, c.Credential, c.ShortCode, c.Name, c.Firm,
		})
	}
	d, err := pictured(page.Printer, c)
	if err != nil {
		return err
	}
	if err := p.shells.Keep(r.Context(), sortOf(web.Principal(r), page.Lang(), page.Theme, d), func() templ.Component {
		return codeView(marked(page, d))
	}); err != nil {
		return err
	}
	return web.Render(w, r, codeView(page, d))
}

// pictured is a code with what the page says of it.
func pictured(say *i18n.Printer, c workresume.Code) (codeData, error) {
	d := codeData{Code: c}
	if !c.Until.IsZero() {
		d.When = say.T("gatepages.day_time", "day", say.Day(c.Until), "time", say.Time(c.Until))
	}
	picture, err := c.Picture()
	if picture != nil {
		d.Image = "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)
	}
	return d, err
}

// codeSort is what the code pages of two people differ in beyond their values.
type codeSort struct {
	lang               i18n.Lang
	theme              ui.Theme
	role               auth.Role
	demo               bool
	state              workresume.CodeState
	reason             string
	firm, image, until bool
}

func sortOf(who auth.Principal, lang i18n.Lang, theme ui.Theme, d codeData) codeSort {
	return codeSort{lang, theme, who.Role, who.Demo, d.State, d.Reason, d.Firm != "", d.Image != "", d.When != ""}
}

// values are what stands in the marks, escaped for the page.
func (d codeData) values(reader string) []string {
	out := []string{d.Name, d.Firm, d.ShortCode, d.Image, d.When, reader}
	for i, v := range out {
		out[i] = templ.EscapeString(v)
	}
	return out
}

// marked is the same page with marks for its values.
func marked(page *ui.Page, d codeData) (*ui.Page, codeData) {
	mark := func(i int, v *string) {
		if *v != "" {
			*v = web.Mark(i)
		}
	}
	at := *page
	at.Flash = nil
	for i, v := range []*string{&d.Name, &d.Firm, &d.ShortCode, &d.Image, &d.When, &at.Viewer.Name} {
		mark(i, v)
	}
	return &at, d
}

// quickMyCode is showMyCode on the lane, once somebody has seen a page of this sort.
func (p *pages) quickMyCode(q *web.QuickAnswer) bool {
	c, ok := p.ShownCode(q.Who)
	if !ok || !q.Who.Role.Personal() || q.Who.Name == "" || c.Name == "" {
		return false
	}
	d, err := pictured(q.Say, c)
	if err != nil {
		return false
	}
	shell := p.shells.Get(sortOf(q.Who, q.Say.Lang(), q.Theme, d))
	if shell == nil {
		return false
	}
	if values := d.values(q.Who.Name); q.Gzip {
		q.Body = shell.AppendGzip(q.Body, values)
	} else {
		q.Body = shell.Append(q.Body, values)
	}
	return true
}

// codeImage draws a credential as one path, sharp on paper of any size.
func codeImage(p *ui.Page, text string) (string, error) {
	qr, err := credential.QR(text)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = qr.SVG(&b, "code", p.T("gatepages.code_image"))
	return b.String(), err
}

// codeState is the shape and colour of a code.
func codeState(s workresume.CodeState) ui.State {
	switch s {
	case workresume.CodeValid:
		return ui.Valid
	case workresume.CodeWaiting:
		return ui.Wait
	case workresume.CodeStopped:
	}
	return ui.Stop
}

// codeSign is the state's shape, beside the word.
func codeSign(s workresume.CodeState) string {
	switch s {
	case workresume.CodeValid:
		return "✓"
	case workresume.CodeWaiting:
		return "…"
	case workresume.CodeStopped:
	}
	return "✕"
}

// tail is the last word of a reason's code: "no_roster" of "workresume.code_no_roster".
func (d codeData) tail() string { return strings.TrimPrefix(d.Reason, "workresume.code_") }

// ask is the message of whom to ask: of a colour not the firm's office.
func (d codeData) ask() string {
	if strings.HasPrefix(d.tail(), "yellow") || strings.HasPrefix(d.tail(), "red") {
		return "gatepages.code_ask_colour"
	}
	return "gatepages.code_ask"
}

func (d codeData) facts(p *ui.Page) []ui.Fact {
	out := []ui.Fact{{Term: p.T("gatepages.name"), Text: d.Name}}
	if d.Firm != "" {
		out = append(out, ui.Fact{Term: p.T("gatepages.firm"), Text: d.Firm})
	}
	if d.When != "" {
		out = append(out, ui.Fact{Term: p.T("gatepages.until"), Text: d.When})
	}
	return out
}
