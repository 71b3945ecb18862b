package audit

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// pair is two checkpoints; Newer may be empty, for the last one.
type pair struct {
	Older string `form:"older,raw" json:"older" max:"4000"`
	Newer string `form:"newer,raw" json:"newer" max:"4000"`
}

// note is a pasted checkpoint as it was signed: it ends with a line end, which a
// text field loses.
func note(text string) []byte {
	if text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); text == "" {
		return nil
	}
	return []byte(text + "\n")
}

// consistent proves that the log only grew between two checkpoints. A rewritten
// log is an answer, not a failure.
//
// Faults: Denied; Invalid for what is no checkpoint of this log.
func (p *pages) consistent(w http.ResponseWriter, r *http.Request) error {
	if err := p.permit(r); err != nil {
		return err
	}
	page := web.From(r)
	form := func(f *ui.Form) templ.Component { return consistentView(page, nil, false, f) }
	var in pair
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	proof, err := p.Log.Between(r.Context(), note(in.Older), note(in.Newer))
	rewritten := fault.Is(err, "eventlog.consistency_false")
	if err != nil && !rewritten {
		if f := fault.As(err); f.Kind == fault.Invalid || f.Kind == fault.NotFound {
			err = fault.New(fault.Invalid, "fault.fields").With("older", f.Code, pairs(f.Args)...)
		}
		return web.Again(err, form)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, struct {
			OK bool `json:"ok"`
			eventlog.Consistency
		}{!rewritten, proof})
	}
	return web.Render(w, r, consistentView(page, &proof, !rewritten, web.Blank(r)))
}

// pairs are a message's arguments as fault.With takes them.
func pairs(args fault.Args) []any {
	var out []any
	for k, v := range args {
		out = append(out, k, v)
	}
	return out
}
