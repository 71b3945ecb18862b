package rationweb

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/draw"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

const (
	checkURL = "/draws/check"
	// checkMost is the largest file checked here, in bytes: a quarter of a million
	// entries. A larger one is checked by the command line, which needs no server.
	checkMost = 8 << 20
	// ticketsMost is how many entries a list may have of which the page reads the pots.
	ticketsMost = 20_000
)

func (p *pages) drawRoutes() web.Routes {
	return web.Routes{
		{Method: "GET", Path: suppliesBase + "/{campaign}/draws/{day}", Handler: p.draw, Access: web.Public, Class: admission.Result},
		{Method: "GET", Path: suppliesBase + "/{campaign}/draws/{day}/draw.txt", Handler: p.drawFile, Access: web.Public, Twin: "drawEntries", Class: admission.Result},
		{Method: "GET", Path: checkURL, Handler: p.check, Access: web.Public, Class: admission.Result},
		{Method: "POST", Path: checkURL, Handler: p.checked, Access: web.Public, Twin: "replayDraw", Input: checkInput{}, MaxBody: checkMost},
	}
}

// drawData is what a draw's page draws. Pots are nil for a list too long to read while
// somebody waits.
type drawData struct {
	ration.View
	ration.Draw
	Text   *draw.Transcript
	Ticket string // asked for
	Pot    string // where it won, "" if it did not
	Place  int    // beyond the pot's places it is of the reserve
}

func (p *pages) draw(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.CampaignView(ctx, r.PathValue("campaign"))
	if err != nil {
		return err
	}
	at, err := day(r.PathValue("day"))
	if err != nil {
		return fault.New(fault.NotFound, "ration.no_draw")
	}
	x, err := p.DrawOf(ctx, v.ID, at)
	if err != nil {
		return err
	}
	d := drawData{View: v, Draw: x, Ticket: strings.TrimSpace(r.URL.Query().Get("ticket"))}
	if len(d.Ticket) > 60 {
		d.Ticket = ""
	}
	if x.Entries <= ticketsMost {
		if d.Text, _, err = p.Transcript(ctx, v.ID, at); err != nil {
			return err
		}
		d.Pot, d.Place = d.Text.Place(d.Ticket)
	}
	return web.Render(w, r, drawView(web.From(r), d))
}

func (p *pages) drawFile(w http.ResponseWriter, r *http.Request) error {
	return p.writeDraw(w, r, r.PathValue("campaign"), r.PathValue("day"))
}

// writeDraw answers with a draw's open file, which is the same for whoever asks.
//
// Faults: NotFound.
func (p *pages) writeDraw(w http.ResponseWriter, r *http.Request, campaign, on string) error {
	at, err := day(on)
	if err != nil {
		return fault.New(fault.NotFound, "ration.no_draw")
	}
	text, _, err := p.DrawText(r.Context(), campaign, at)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+campaign+"."+at.String()+`.txt"`)
	h.Set("Cache-Control", "public, max-age=30")
	_, _ = w.Write(text)
	return nil
}

type checkInput struct {
	Text string `form:"text" json:"text" max:"8000000" doc:"The draw's open file."`
}

// replay is what doing a draw again came to.
type replay struct {
	Holds   bool   `json:"holds" doc:"Everything follows from the list and the values."`
	Code    string `json:"code,omitempty" doc:"Why it does not hold."`
	Reason  string `json:"reason,omitempty" doc:"The same in words."`
	Draw    string `json:"draw,omitempty"`
	Title   string `json:"title,omitempty"`
	Hash    string `json:"hash,omitempty" doc:"SHA-256 of the list, to be compared with the one published when it was frozen."`
	Entries int    `json:"entries"`
	Places  int    `json:"places"`
	Pots    int    `json:"pots"`
}

// replayed reads a draw's text and does it again. Only what keeps it from being read at
// all, such as a request cut off, is an error.
func replayed(say *i18n.Printer, text io.Reader) (replay, error) {
	t, err := draw.Read(text)
	if err == nil {
		err = t.Replay()
	}
	out := replay{Holds: err == nil}
	if t != nil {
		out.Draw, out.Title, out.Hash, out.Pots = t.List.ID, t.List.Title, hex.EncodeToString(t.Hash[:]), len(t.List.Pots)
		for _, pot := range t.List.Pots {
			out.Entries, out.Places = out.Entries+len(pot.Entries), out.Places+min(pot.Places, len(pot.Entries))
		}
	}
	if f := fault.As(err); f != nil {
		if !strings.HasPrefix(f.Code, "draw.") {
			return out, err
		}
		out.Code, out.Reason = f.Code, say.Fault(f)
	}
	return out, nil
}

func (p *pages) check(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, checkView(web.From(r), nil, web.Blank(r)))
}

func (p *pages) checked(w http.ResponseWriter, r *http.Request) error {
	out, err := p.checkOf(r)
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return checkView(web.From(r), nil, f) })
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, out)
	}
	return web.Render(w, r, checkView(web.From(r), &out, web.Blank(r)))
}

// checkOf takes the draw from a file or from what was pasted.
func (p *pages) checkOf(r *http.Request) (replay, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		up, err := web.Receive(r, "file")
		if err != nil {
			return replay{}, err
		}
		text, err := io.ReadAll(up)
		if err != nil {
			return replay{}, err
		}
		return replayed(web.Printer(r), bytes.NewReader(text))
	}
	var in checkInput
	if err := web.Decode(r, &in); err != nil {
		return replay{}, err
	}
	return replayText(web.Printer(r), in.Text)
}

// replayText is for a text that went through a form, which trims its end.
//
// Faults: Invalid with field text where there is none.
func replayText(say *i18n.Printer, text string) (replay, error) {
	if text == "" {
		return replay{}, fault.New(fault.Invalid, "fault.fields").With("text", "rationpages.check_empty")
	}
	return replayed(say, strings.NewReader(strings.TrimRight(text, "\n")+"\n"))
}

type (
	drawInput struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Day      string `path:"day" doc:"The round's date."`
	}
	campaignInput struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
	}
	drawAnswer struct {
		ration.Draw
		Day string `json:"day" doc:"The round's date."`
	}
	drawList struct {
		Draws []drawAnswer `json:"draws"`
	}
	checkBody struct{ Body checkInput }
)

// drawAPI are the draws for programs.
func (p *pages) drawAPI(a *api.API) {
	api.Add(a, api.Op{ID: "listDraws", Method: http.MethodGet, Path: "/ration/campaigns/{campaign}/draws", Group: group, Access: web.Public, Class: admission.Result},
		func(ctx context.Context, _ api.Call, in *campaignInput) (drawList, error) {
			if _, err := p.CampaignView(ctx, in.Campaign); err != nil {
				return drawList{}, err
			}
			list, err := p.Draws(ctx, in.Campaign)
			out := drawList{make([]drawAnswer, len(list))}
			for i, d := range list {
				out.Draws[i] = drawAnswer{d, d.Day.String()}
			}
			return out, err
		})
	api.AddFile(a, api.Op{ID: "drawEntries", Method: http.MethodGet, Path: "/ration/campaigns/{campaign}/draws/{day}/draw.txt", Group: group, Access: web.Public, Class: admission.Result},
		[]string{"text/plain"}, func(w http.ResponseWriter, r *http.Request, in *drawInput) error {
			return p.writeDraw(w, r, in.Campaign, in.Day)
		})
	api.Add(a, api.Op{ID: "replayDraw", Method: http.MethodPost, Path: "/draws/replay", Group: group, Access: web.Public, MaxBody: checkMost},
		func(_ context.Context, c api.Call, in *checkBody) (replay, error) {
			return replayText(c.Say, in.Body.Text)
		})
}

// Won reports whether the ticket asked for is among its pot's winners; those drawn after
// them are the reserve.
func (d drawData) Won() bool {
	for _, pot := range d.Text.List.Pots {
		if pot.Name == d.Pot {
			return d.Place > 0 && d.Place <= pot.Places
		}
	}
	return false
}
