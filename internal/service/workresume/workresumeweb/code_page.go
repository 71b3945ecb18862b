package workresumeweb

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

func (p *pages) codeRoutes() web.Routes {
	return web.Routes{
		{Method: "GET", Path: "/me/code", Handler: p.showMyCode, Access: web.Needs(workresume.MayShow), Twin: "showCode", Class: admission.Show},
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
	d := codeData{Code: c}
	picture, err := c.Picture()
	if err != nil {
		return err
	}
	if picture != nil {
		d.Image = "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)
	}
	return web.Render(w, r, codeView(page, d))
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

func (d codeData) facts(p *ui.Page) []ui.Fact {
	out := []ui.Fact{{Term: p.T("gatepages.name"), Text: d.Name}}
	if d.Firm != "" {
		out = append(out, ui.Fact{Term: p.T("gatepages.firm"), Text: d.Firm})
	}
	if !d.Until.IsZero() {
		out = append(out, ui.Fact{Term: p.T("gatepages.until"), Text: p.T("gatepages.day_time", "day", p.Day(d.Until), "time", p.Time(d.Until))})
	}
	return out
}
