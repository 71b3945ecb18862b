package workresumeweb

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

// fileMost is the largest roster file with a form around it, in bytes; waitMost
// is how long an upload waits for the file to be read before it answers 202.
const (
	fileMost = 65 << 20
	waitMost = 3 * time.Second
)

// apiImport is one roster file and what has come of it.
type apiImport struct {
	ID        string                 `json:"id"`
	Firm      string                 `json:"firm" doc:"Empty when each row names its firm."`
	File      string                 `json:"file"`
	State     workresume.ImportState `json:"state" enum:"running,done,cancelled,refused,interrupted"`
	DryRun    bool                   `json:"dry_run"`
	Total     int64                  `json:"total" doc:"Rows expected; 0 when the file does not say."`
	Rows      int64                  `json:"rows" doc:"Data rows read: the sum of the next four."`
	Accepted  int64                  `json:"accepted"`
	Rejected  int64                  `json:"rejected"`
	Unchanged int64                  `json:"unchanged"`
	Review    int64                  `json:"review" doc:"People whom another firm's roster has."`
	Errors    []apiCellError         `json:"errors"`
	ErrorsCut bool                   `json:"errors_cut" doc:"There are more errors than are listed."`
	Refused   *apiRefusal            `json:"refused,omitempty" doc:"Why the whole file was not taken; nothing changed."`
	Started   time.Time              `json:"started"`
	Ended     *time.Time             `json:"ended" doc:"Null while the file is being read."`

	begun bool // this answers the upload itself
}

type apiCellError struct {
	Row    int64  `json:"row" doc:"Line in the file."`
	Column string `json:"column" doc:"The column's heading as the file has it."`
	Code   string `json:"code"`
	Value  string `json:"value" doc:"Masked."`
	Reason string `json:"reason"`
}

type apiRefusal struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Reply is 202 with the address to ask again at, for an upload that is still
// being read.
func (im apiImport) Reply(h http.Header) int {
	if !im.begun || im.State != workresume.ImportRunning {
		return http.StatusOK
	}
	h.Set("Location", api.Base+"/imports/"+im.ID)
	return http.StatusAccepted
}

func said(im workresume.Import, c api.Call) apiImport {
	out := apiImport{
		ID: im.ID, Firm: im.Firm, File: im.Name, State: im.State, DryRun: im.DryRun, Total: im.Total,
		Rows: im.Rows, Accepted: im.Accepted, Rejected: im.Rejected, Unchanged: im.Unchanged, Review: im.Review,
		Errors: make([]apiCellError, len(im.Errors)), ErrorsCut: im.MoreFault, Started: im.Started, Ended: moment(im.Ended),
	}
	for i, e := range im.Errors {
		out.Errors[i] = apiCellError{e.Row, e.Column, e.Code, e.Value, c.Say.Args(e.Code, filled(e.Args))}
	}
	if im.Refused != nil {
		out.Refused = &apiRefusal{im.Refused.Code, c.Say.Args(im.Refused.Code, filled(im.Refused.Args))}
	}
	return out
}

func (p *resumptionAPI) addRosters(a *api.API) {
	const group = "rosters"
	up := post("importRoster", "/firms/{firm}/imports", group, workresume.MayFile)
	up.Upload, up.MaxBody, up.Slow = true, fileMost, 5*time.Minute
	api.Add(a, up, p.importRoster)
	all := post("importRosters", "/imports", group, workresume.MayRegister)
	all.Upload, all.MaxBody, all.Slow = true, fileMost, 5*time.Minute
	api.Add(a, all, p.importRosters)
	api.Add(a, get("listImports", "/firms/{firm}/imports", group, workresume.MaySee), p.listImports)
	api.Add(a, get("getImport", "/imports/{import}", group, workresume.MaySee), p.getImport)
	api.Add(a, post("cancelImport", "/imports/{import}/cancel", group, workresume.MayFile), p.cancelImport)
}

type apiUploadInput struct {
	Firm   string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Name   string `query:"name" doc:"The file's name, where the body is the file itself: its end tells the kind."`
	DryRun bool   `query:"dry_run" doc:"Say what would happen and change nothing."`
}

func (p *resumptionAPI) importRoster(ctx context.Context, c api.Call, in *apiUploadInput) (apiImport, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiImport{}, err
	}
	return p.take(ctx, c, firm, in.DryRun)
}

type apiUploadAllInput struct {
	Name   string `query:"name" doc:"The file's name, where the body is the file itself: its end tells the kind."`
	DryRun bool   `query:"dry_run" doc:"Say what would happen and change nothing."`
}

// importRosters takes a file of which each row names its firm.
func (p *resumptionAPI) importRosters(ctx context.Context, c api.Call, in *apiUploadAllInput) (apiImport, error) {
	return p.take(ctx, c, "", in.DryRun)
}

func (p *resumptionAPI) take(ctx context.Context, c api.Call, firm string, dry bool) (apiImport, error) {
	up, err := web.Receive(c.R, "file")
	if err != nil {
		return apiImport{}, err
	}
	if v := up.Values.Get("dry_run"); v == "true" || v == "1" || v == "on" {
		dry = true
	}
	in := workresume.ImportInput{Firm: firm, Name: up.Name, Body: up, DryRun: dry, Key: c.Key}
	if c.Key.Key != "" {
		kept, err := spool(up, &in.Key, c.R.URL.Path, up.Name, strconv.FormatBool(dry))
		if err != nil {
			return apiImport{}, err
		}
		defer kept.Close()
		in.Body = kept
	}
	im, err := p.StartImport(ctx, c.By, in)
	if err != nil {
		return apiImport{}, err
	}
	if im.State == workresume.ImportRunning {
		p.Await(ctx, im.ID, waitMost)
		im, err = p.Import(ctx, c.By, im.ID)
	}
	out := said(im, c)
	out.begun = true
	return out, err
}

// spool keeps a body aside until its digest is known, for the key is bound to
// every byte of the file. The copy has no name any more when it is returned: it
// holds people's numbers and goes with the request.
func spool(body io.Reader, key *once.Key, parts ...string) (*os.File, error) {
	f, err := os.CreateTemp("", "roster-*")
	if err != nil {
		return nil, err
	}
	// Without a name at once: killed in mid-copy, nothing readable stays behind.
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, sum), body)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	all := [][]byte{sum.Sum(nil)}
	for _, p := range parts {
		all = append(all, []byte(p))
	}
	key.Digest = once.Digest(all...)
	return f, nil
}

type apiImportInput struct {
	Import string `path:"import" doc:"The import's id."`
}

func (p *resumptionAPI) getImport(ctx context.Context, c api.Call, in *apiImportInput) (apiImport, error) {
	im, err := p.Import(ctx, c.By, in.Import)
	return said(im, c), err
}

// cancelImport may come twice: an import that has ended stays as it is.
func (p *resumptionAPI) cancelImport(ctx context.Context, c api.Call, in *apiImportInput) (apiImport, error) {
	if err := p.claim(ctx, c); err != nil {
		return apiImport{}, err
	}
	im, err := p.CancelImport(ctx, c.By, in.Import)
	return said(im, c), err
}

type apiImports struct {
	Imports []apiImport `json:"imports" doc:"Newest first, at most ten, without their errors."`
}

func (p *resumptionAPI) listImports(ctx context.Context, c api.Call, in *apiFirmInput) (apiImports, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiImports{}, err
	}
	list, err := p.Imports(ctx, c.By, firm)
	out := apiImports{Imports: make([]apiImport, len(list))}
	for i, im := range list {
		out.Imports[i] = said(im, c)
	}
	return out, err
}
