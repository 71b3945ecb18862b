package workresumeweb

import (
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// A small roster is read before the answer goes out, so that most offices never
// see a progress bar.
const importPatience = 1500 * time.Millisecond

// cellsShown is how many bad cells stand on the screen; the marked copy has all.
const cellsShown = 500

// importStart takes a roster file as it arrives.
func (p *pages) importStart(w http.ResponseWriter, r *http.Request, o office) error {
	ctx, by := r.Context(), web.Principal(r)
	up, err := web.Receive(r, "file")
	if err != nil {
		return p.back(r, o, err)
	}
	dry := up.Values.Get("dry_run")
	im, err := p.StartImport(ctx, by, workresume.ImportInput{
		Firm: o.Firm, Name: up.Name, Body: up, DryRun: dry != "" && dry != "false", Key: web.Once(r, "workresume.import", up.Name),
	})
	if err != nil {
		if fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.TooLarge { // said at the field, where it can be mended
			f := *fault.As(err)
			err = f.With("file", f.Code)
			f.Fields[len(f.Fields)-1].Args = f.Args
		}
		return p.back(r, o, err)
	}
	p.Await(ctx, im.ID, importPatience)
	if im, err = p.Import(ctx, by, im.ID); err != nil {
		return err
	}
	return web.Done(w, r, o.to("/imports/"+im.ID), inWords(r, im))
}

// inWords is an import for a program, its reasons in the caller's language.
func inWords(r *http.Request, im workresume.Import) workresume.Import {
	say := web.Printer(r)
	out := make([]workresume.CellError, len(im.Errors))
	for i, c := range im.Errors {
		c.Reason = say.Args(c.Code, c.Args)
		out[i] = c
	}
	im.Errors = out
	if im.Refused != nil {
		why := *im.Refused
		why.Reason = say.Args(why.Code, why.Args)
		im.Refused = &why
	}
	return im
}

func (p *pages) importTemplate(w http.ResponseWriter, r *http.Request) error {
	say := web.Printer(r)
	book, err := roster.Template(say)
	if err != nil {
		return err
	}
	attach(w, xlsx, say.T("firmpages.template_name")+".xlsx")
	_, err = w.Write(book)
	return err
}

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// attach makes the answer a file to keep.
func attach(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// importPage is one file on its way in, and what came of it.
type importPage struct {
	office
	Firm   workresume.Firm
	Import workresume.Import
	Now    time.Time
}

// importOf finds the file of the address, which must be this firm's.
func (p *pages) importOf(r *http.Request, o office) (d importPage, err error) {
	ctx, by := r.Context(), web.Principal(r)
	d.office, d.Now = o, p.Now()
	if d.Firm, err = p.Firm(ctx, by, o.Firm); err != nil {
		return d, err
	}
	if d.Import, err = p.Import(ctx, by, r.PathValue("import")); err != nil {
		return d, err
	}
	if d.Import.Firm != o.Firm {
		return d, fault.New(fault.NotFound, "workresume.import_unknown")
	}
	return d, nil
}

func (p *pages) importShow(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.importOf(r, o)
	if err != nil {
		return err
	}
	page := web.From(r)
	work := d.work(page)
	page.Watch(work)
	if web.Fragment(r) {
		return web.Render(w, r, ui.Progress(page, work))
	}
	return web.Render(w, r, importView(page, d, work))
}

func (p *pages) importCancel(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.importOf(r, o)
	if err != nil {
		return err
	}
	im, err := p.CancelImport(r.Context(), web.Principal(r), d.Import.ID)
	if err != nil {
		return err
	}
	return web.Done(w, r, o.to("/imports/"+im.ID), inWords(r, im))
}

func (p *pages) importMarked(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.importOf(r, o)
	if err != nil {
		return err
	}
	say := web.Printer(r)
	attach(w, xlsx, say.T("firmpages.marked_name", "file", strings.TrimSuffix(d.Import.Name, path.Ext(d.Import.Name)))+".xlsx")
	return p.MarkedCopy(r.Context(), web.Principal(r), d.Import.ID, say, w)
}

// work is the file as a bar.
func (d importPage) work(p *ui.Page) ui.Work {
	im, here := d.Import, d.to("/imports/"+d.Import.ID)
	w := ui.Work{
		Title: importName(p, im), State: importState(im), Word: importWord(p, im), Done: im.Rows, Total: im.Total, Refused: im.Rejected,
		Running: im.State == workresume.ImportRunning, Poll: here,
	}
	if d.Acts {
		w.Cancel = here + "/cancel"
	}
	if spent := d.Now.Sub(im.Started).Seconds(); spent > 0.5 && im.Rows > 0 {
		w.PerSecond = float64(im.Rows) / spent
		if im.Total > im.Rows {
			w.Left = time.Duration(float64(im.Total-im.Rows) / w.PerSecond * float64(time.Second))
		}
	}
	return w
}

func importName(p *ui.Page, im workresume.Import) string {
	if im.Name == "" || im.Name == "." {
		return p.T("firmpages.import_unnamed")
	}
	return im.Name
}

func importState(im workresume.Import) ui.State {
	switch im.State {
	case workresume.ImportRunning:
		return ui.Wait
	case workresume.ImportRefused:
		return ui.Stop
	case workresume.ImportDone:
		if im.Rejected == 0 {
			return ui.Valid
		}
	case workresume.ImportCancelled, workresume.ImportInterrupted:
	}
	return ui.Warn
}

func importWord(p *ui.Page, im workresume.Import) string {
	word := p.T("workresume.import." + string(im.State))
	if im.DryRun {
		word = p.T("firmpages.import_dry", "state", word)
	}
	return word
}

// importSays is the one sentence about what came of the file.
func importSays(im workresume.Import) string {
	switch {
	case im.State == workresume.ImportCancelled, im.State == workresume.ImportInterrupted:
		return "workresume.import_" + string(im.State)
	case im.DryRun:
		return "firmpages.import_says_dry"
	case im.Rejected > 0:
		return "firmpages.import_says_bad"
	case im.Review > 0:
		return "firmpages.import_says_review"
	case im.Accepted == 0:
		return "firmpages.import_says_same"
	}
	return "firmpages.import_says_good"
}

func cellColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.cell_row"), Number: true},
		{Label: p.T("firmpages.cell_column")},
		{Label: p.T("firmpages.cell_value")},
		{Label: p.T("firmpages.cell_reason")},
	}
}
