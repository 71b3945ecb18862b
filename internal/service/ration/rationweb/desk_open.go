package rationweb

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

// openData is the page that asks for a campaign: its text once one was sent, and what it
// says once it can be read.
type openData struct {
	Source string
	Read   *ration.Campaign
}

func (p *pages) deskNew(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, openView(web.From(r), openData{}, web.Blank(r)))
}

// deskOpen reads a campaign's file and shows it in words; with a reason it asks the
// second person for it. What is wrong is said line by line beside the text, which stays.
func (p *pages) deskOpen(w http.ResponseWriter, r *http.Request) error {
	source, reason, asks, err := campaignText(r)
	d := openData{Source: source}
	if !utf8.ValidString(source) {
		d.Source = ""
	}
	again := func(err error) error {
		if web.WantsJSON(r) {
			return err
		}
		return web.Again(atSource(err), func(f *ui.Form) templ.Component { return openView(web.From(r), d, f) })
	}
	if err != nil {
		return again(err)
	}
	if d.Read, err = ration.ReadCampaign([]byte(source)); err != nil {
		return again(err)
	}
	if !asks {
		return web.Render(w, r, openView(web.From(r), d, web.Blank(r)))
	}
	act, err := p.OpenCampaign(r.Context(), web.Principal(r), ration.OpenInput{
		File: []byte(source), Reason: reason, Key: web.Once(r, "openCampaign", []string{source, reason}),
	})
	if err != nil {
		return again(err)
	}
	web.Flash(w, r, ui.Valid, "supplydesk.open_asked", "")
	return web.Done(w, r, "/desk/second/"+act.ID, api.ActOf(act))
}

// campaignText is what was sent: a file, or the text of the page with its reason. asks is
// whether the second person is to be asked already.
func campaignText(r *http.Request) (source, reason string, asks bool, err error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" || kind == "application/json" {
		var in openInput
		err := web.Decode(r, &in)
		return strings.ReplaceAll(in.Source, "\r\n", "\n"), in.Reason, in.Do == "ask" || kind == "application/json", err
	}
	up, err := web.Receive(r, "file")
	if err != nil {
		return "", "", false, err
	}
	data, err := io.ReadAll(io.LimitReader(up, sourceMost+1))
	if err == nil && len(data) > sourceMost {
		err = fault.New(fault.TooLarge, "fault.fields").With("file", "ration.file_large", "most", sourceMost>>10)
	}
	return string(data), "", false, err
}

// sourceMost is the longest text of a campaign that the page takes, in bytes.
const sourceMost = 64 << 10

// openInput is a campaign's text with the reason for which it is opened. Do is "check" or
// "ask".
type openInput struct {
	Source string `form:"source,raw" json:"source" max:"65536" doc:"The campaign's file, TOML."`
	Reason string `form:"reason" json:"reason" max:"500" doc:"What the second person reads."`
	Do     string `form:"do" json:"-" max:"10"`
}

// atSource says every mistake of the file at the one field where it can be mended, with
// its line and the key it is of.
func atSource(err error) error {
	f := *fault.As(err)
	if len(f.Fields) == 0 {
		return atField(err, "source")
	}
	fields := make([]fault.Field, len(f.Fields))
	for i, one := range f.Fields {
		if fields[i] = one; one.Name == "reason" || one.Name == "file" {
			continue
		}
		why := &fault.Error{Kind: fault.Invalid, Code: one.Code, Args: one.Args}
		fields[i] = fault.Field{Name: "source", Code: "supplydesk.source_of", Args: fault.Args{"name": one.Name, "why": why}}
		// A rule pack's own mistakes begin with their line already.
		if line, ok := one.Args["line"].(int); ok && line > 0 && !strings.HasPrefix(one.Code, "rule.") {
			fields[i].Code, fields[i].Args["line"] = "supplydesk.source_line", line
		}
	}
	f.Fields = fields
	return &f
}
