// Package audit is the auditor's way into the log: what happened, newest first,
// one fact with the proof that it is there, a checkpoint to keep elsewhere, and
// the recomputation of the whole.
//
// It refuses to show a body that is sealed under a person's key, to open one, and
// to alter anything: it has no verb that writes a fact.
package audit

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// MayRead is the permission to read the log of the whole district.
const MayRead auth.Permission = "audit.read"

// Grants says which roles have it. An officer of one park has not: the log is
// the district's.
func Grants() auth.Grants { return auth.Grants{MayRead: {auth.Auditor, auth.Officer}} }

// Deps is what the pages stand on; District is the place id a reader's scope ends in.
type Deps struct {
	Log      *eventlog.Log
	District string
}

// pages also hold one seat: recomputing the log reads all of it.
type pages struct {
	Deps
	seat chan struct{}
}

// pageSize is how many facts a page shows, streamMost how many of one stream.
const pageSize, streamMost = 50, 200

// Routes are the auditor's pages.
func Routes(d Deps) web.Routes {
	p := &pages{d, make(chan struct{}, 1)}
	may := web.Needs(MayRead)
	return web.Routes{
		{Method: "GET", Path: "/log", Handler: p.list, Access: may, Whole: true},
		{Method: "GET", Path: "/log/checkpoint", Handler: p.checkpoint, Access: may, Twin: "getCheckpoint"},
		{Method: "POST", Path: "/log/verify", Handler: p.verify, Access: may, Input: input{}, Slow: 2 * time.Minute},
		{Method: "POST", Path: "/log/consistency", Handler: p.consistent, Access: may, Input: pair{}, Twin: "getConsistency"},
		{Method: "GET", Path: "/log/{fact}", Handler: p.one, Access: may},
		{Method: "GET", Path: "/log/{fact}/proof.json", Handler: p.proof, Access: may, Twin: "getProof"},
	}
}

func (p *pages) permit(r *http.Request) error {
	return web.Principal(r).Permit(MayRead, Grants(), auth.District(p.District))
}

// Line is one fact as it may be shown: its body only where it concerns nobody in
// particular.
type Line struct {
	Seq    int64           `json:"seq,omitempty"` // 0 while it has no place yet
	ID     string          `json:"id"`
	Stream string          `json:"stream"`
	Name   string          `json:"name"`
	Actor  string          `json:"actor"`
	At     time.Time       `json:"at"`
	Sealed bool            `json:"sealed"` // under a person's key
	Erased bool            `json:"erased"` // whose key was destroyed
	Body   json.RawMessage `json:"body,omitempty"`
}

func lineOf(r eventlog.Record) Line {
	l := Line{Seq: r.Seq, ID: r.ID, Stream: r.Stream, Name: r.Name, Actor: r.Actor, At: r.At, Erased: r.Erased, Sealed: r.Erased || r.Subject != ""}
	if !l.Sealed && len(r.Body) > 0 {
		l.Body = r.Body
	}
	return l
}

// title is the fact's name in words, or as it stands in the log.
func (l Line) title(p *ui.Page) string {
	for _, key := range [...]string{"fact." + l.Name, l.Name} {
		if p.Has(key) {
			return p.T(key)
		}
	}
	return l.Name
}

// body is the public body, one field a line.
func (l Line) body() string {
	var v any
	if len(l.Body) == 0 || json.Unmarshal(l.Body, &v) != nil {
		return ""
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}

type listData struct {
	Facts  []Line
	Stream string
	Before int64
	Next   int64 // where the next page begins, 0 at the end
}

func (d listData) next() string {
	if d.Next == 0 {
		return ""
	}
	return "/log?before=" + strconv.FormatInt(d.Next, 10)
}

func (d listData) first() string {
	if d.Before == 0 {
		return ""
	}
	return "/log"
}

func streamHref(stream string) string { return "/log?stream=" + url.QueryEscape(stream) }

type query struct {
	Stream string `form:"stream" max:"200"`
	Q      string `form:"q" max:"200"` // the same, from the search line
	Before int64  `form:"before"`
}

// list is what happened, newest first.
func (p *pages) list(w http.ResponseWriter, r *http.Request) error {
	if err := p.permit(r); err != nil {
		return err
	}
	var in query
	if err := web.Query(r, &in); err != nil {
		return err
	}
	d := listData{Stream: strings.TrimSpace(in.Stream + in.Q), Before: in.Before}
	var recs []eventlog.Record
	var err error
	if d.Stream != "" {
		recs, err = p.Log.Stream(r.Context(), d.Stream, streamMost)
	} else {
		recs, err = p.Log.Before(r.Context(), in.Before, pageSize+1)
	}
	if err != nil {
		return err
	}
	if d.Stream == "" && len(recs) > pageSize {
		recs = recs[:pageSize]
		d.Next = recs[pageSize-1].Seq
	}
	d.Facts = make([]Line, len(recs))
	for i, rec := range recs {
		d.Facts[i] = lineOf(rec)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, map[string]any{"facts": d.Facts, "next": d.Next})
	}
	return web.Render(w, r, listView(web.From(r), d))
}

// factData is one fact and its proof. A fact without a place has no line yet.
type factData struct {
	Fact  *Line          `json:"fact"`
	Proof eventlog.Proof `json:"proof"`
}

func (p *pages) find(r *http.Request) (factData, error) {
	if err := p.permit(r); err != nil {
		return factData{}, err
	}
	proof, err := p.Log.Proof(r.Context(), r.PathValue("fact"))
	d := factData{Proof: proof}
	if err != nil || proof.Seq == 0 {
		return d, err
	}
	recs, err := p.Log.Before(r.Context(), proof.Seq+1, 1)
	if err == nil && len(recs) == 1 && recs[0].ID == proof.ID {
		l := lineOf(recs[0])
		d.Fact = &l
	}
	return d, err
}

// one is a fact's page.
//
// Faults: Denied, NotFound "eventlog.no_fact".
func (p *pages) one(w http.ResponseWriter, r *http.Request) error {
	d, err := p.find(r)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, d)
	}
	return web.Render(w, r, factView(web.From(r), d))
}

// proof is the proof alone, as a file to take away.
func (p *pages) proof(w http.ResponseWriter, r *http.Request) error {
	d, err := p.find(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="proof.json"`)
	return web.JSON(w, r, http.StatusOK, d.Proof)
}

// checkpoint is the signed note over every fact so far. Kept elsewhere, it shows
// later whether the log was cut or rewritten.
func (p *pages) checkpoint(w http.ResponseWriter, r *http.Request) error {
	if err := p.permit(r); err != nil {
		return err
	}
	text, err := p.Log.Checkpoint(r.Context())
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, map[string]string{"checkpoint": string(text)})
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="checkpoint.txt"`)
	_, err = w.Write(text)
	return err
}

type input struct {
	Checkpoint string `form:"checkpoint,raw" json:"checkpoint" max:"4000"`
}

// verify recomputes the log, one reader at a time.
//
// Faults: Denied, Busy "audit.busy" while somebody else's is under way.
func (p *pages) verify(w http.ResponseWriter, r *http.Request) error {
	if err := p.permit(r); err != nil {
		return err
	}
	page := web.From(r)
	var in input
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return verifiedView(page, nil, f) })
	}
	select {
	case p.seat <- struct{}{}:
		defer func() { <-p.seat }()
	default:
		return fault.New(fault.Busy, "audit.busy")
	}
	rep, err := p.Log.Verify(r.Context(), note(in.Checkpoint))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, rep)
	}
	return web.Render(w, r, verifiedView(page, &rep, web.Blank(r)))
}
