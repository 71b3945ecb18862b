package workresumeweb

import (
	"net/http"
	"strconv"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const openFigures = "/open/figures"

func (p *pages) openFigureRoutes() web.Routes {
	return web.Routes{
		{Method: "GET", Path: openFigures + ".csv", Handler: p.figuresCSV, Access: web.Public, Class: admission.Statistics},
		{Method: "GET", Path: openFigures + ".json", Handler: p.figuresJSON, Access: web.Public, Class: admission.Statistics},
	}
}

// openFields are the columns of the published figures, in their order; each has a
// definition and a unit among the texts.
var openFields = [...]string{"by", "key", "name", "firms", "resumed", "declared", "back", "load_percent", "as_of", "people_rounded_to"}

// openLine is one line of the published figures; null where people are withheld or
// no meter is read.
type openLine struct {
	By       string   `json:"by" enum:"park,street,class,size,industry,all"`
	Key      string   `json:"key" doc:"Empty for firms of which it is not known or that are fewer than three of their kind, and for the district."`
	Name     string   `json:"name"`
	Firms    int64    `json:"firms"`
	Resumed  int64    `json:"resumed"`
	Declared *int64   `json:"declared"`
	Back     *int64   `json:"back"`
	Load     *float64 `json:"load_percent"`
}

// openAnswer is the published figures as one document.
type openAnswer struct {
	AsOf    time.Time   `json:"as_of" doc:"When the figures were counted: once an hour, the same for everybody."`
	Next    time.Time   `json:"next" doc:"From when there will be others."`
	Rounded int64       `json:"people_rounded_to" doc:"Counts of people are a multiple of it."`
	Licence string      `json:"licence"`
	Fields  []openField `json:"fields" doc:"What each field of a line means, and its unit."`
	Lines   []openLine  `json:"lines"`
}

// openField is one line of the data dictionary.
type openField struct {
	Name       string `json:"name"`
	Unit       string `json:"unit"`
	Definition string `json:"definition"`
}

func openDictionary(p *ui.Page) []openField {
	out := make([]openField, len(openFields))
	for i, name := range openFields {
		out[i] = openField{name, p.T("boardpages.unit_" + name), p.T("boardpages.field_" + name)}
	}
	return out
}

func openLineOf(by, name string, f workresume.OpenPart) openLine {
	l := openLine{By: by, Key: f.Key, Name: name, Firms: f.Firms, Resumed: f.Resumed}
	if f.People {
		l.Declared, l.Back = &f.Declared, &f.Back
	}
	if f.Normal > 0 && f.Metered >= openMeters {
		v := float64(f.Load*1000/f.Normal) / 10
		l.Load = &v
	}
	return l
}

// openMeters is of how many meters at least a share is published: of fewer, it would
// be one firm's own.
const openMeters = 3

// openlyTo lets any page read what is published, and says when it is the same still.
// It reports whether the caller has it already.
func openlyTo(w http.ResponseWriter, r *http.Request, page *ui.Page, pic *workresume.OpenFigures, form string) bool {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Last-Modified")
	h.Set("Cache-Control", openFresh)
	h.Set("Last-Modified", pic.AsOf.UTC().Format(http.TimeFormat))
	tag := `W/"` + form + "-" + strconv.FormatInt(pic.AsOf.Unix()/60, 36) + "-" + string(page.Lang()) + `"`
	h.Set("Vary", "Accept-Language, Cookie") // by which the names' language is chosen, and nothing else
	return web.Same(w, r, tag)
}

// openLines are the published figures: every breakdown and the district.
func (p *pages) openLines(r *http.Request) (*workresume.OpenFigures, []openLine, error) {
	pic, err := p.OpenPicture(r.Context())
	if err != nil {
		return nil, nil, err
	}
	d, page := boardData{}, web.From(r)
	if err := p.dress(r.Context(), page, &d); err != nil {
		return pic, nil, err
	}
	var out []openLine
	for _, b := range workresume.Breakdowns {
		for _, part := range pic.By[b] {
			name := page.T("boardpages.few")
			if part.Key != "" {
				name = d.name(page, b, part.Key)
			}
			out = append(out, openLineOf(string(b), name, part))
		}
	}
	return pic, append(out, openLineOf("all", page.T("boardpages.together"), pic.Total)), nil
}

func (p *pages) figuresJSON(w http.ResponseWriter, r *http.Request) error {
	pic, lines, err := p.openLines(r)
	page := web.From(r)
	if err != nil || openlyTo(w, r, page, pic, "json") {
		return err
	}
	return web.JSON(w, r, http.StatusOK, openAnswer{pic.AsOf, pic.Next, workresume.PeopleRounded, page.T("boardpages.licence"), openDictionary(page), lines})
}

func (p *pages) figuresCSV(w http.ResponseWriter, r *http.Request) error {
	pic, lines, err := p.openLines(r)
	if err != nil || openlyTo(w, r, web.From(r), pic, "csv") {
		return err
	}
	t, err := openTable(w, "figures.csv")
	if err != nil {
		return err
	}
	if err := t.line(openFields[:]...); err != nil {
		return err
	}
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return whole(*n)
	}
	asOf := pic.AsOf.In(p.Service.Zone).Format(time.RFC3339)
	for _, l := range lines {
		load := ""
		if l.Load != nil {
			load = strconv.FormatFloat(*l.Load, 'f', 1, 64)
		}
		if err := t.line(l.By, l.Key, l.Name, whole(l.Firms), whole(l.Resumed), number(l.Declared), number(l.Back), load, asOf, whole(workresume.PeopleRounded)); err != nil {
			return err
		}
	}
	return t.end()
}
