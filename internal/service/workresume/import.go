package workresume

import (
	"context"
	"io"
	"path"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// ImportInput is one roster file. Firm is empty only for the operator, whose
// file names each row's firm by credit code.
type ImportInput struct {
	Firm   string
	Name   string
	Body   io.Reader
	DryRun bool
	Key    once.Key
	// Newcomer is the credit code of a firm not registered yet, instead of Firm;
	// only a dry run has one.
	Newcomer string
}

// StartImport keeps the file and begins to read it in the background; see Import
// for how it goes on. The same key again answers the import it began.
//
// Faults: Denied, NotFound, Conflict while another file of the firm is being
// read, TooLarge.
func (s *Service) StartImport(ctx context.Context, by auth.Principal, in ImportInput) (Import, error) {
	now := s.Clock()
	im := Import{ID: ident.New("imp", now), Firm: in.Firm, Name: fileName(in.Name), State: ImportRunning, DryRun: in.DryRun, Started: now}
	if in.DryRun && in.Firm == "" {
		im.newcomer = in.Newcomer
	}
	if err := s.mayImport(ctx, by, in.Firm); err != nil {
		return Import{}, err
	}
	if _, err := s.Uploads.Put(im.ID, in.Body); err != nil {
		s.Uploads.Drop(im.ID)
		return Import{}, err
	}
	var out Import
	err := s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		if in.Firm != "" {
			if _, err := s.permitFirm(tx, by, MayFile, in.Firm); err != nil {
				return err
			}
		}
		out, err = once.Do(tx, in.Key, now, func() (Import, error) {
			var other string
			err := tx.Row(`select import from workresume_import where firm = $1 and state = 'running' limit 1`, in.Firm).Scan(&other)
			if err == nil {
				return Import{}, fault.New(fault.Conflict, "workresume.import_running", "import", other)
			}
			if !storage.NoRows(err) {
				return Import{}, err
			}
			if _, err = tx.Exec(`insert into workresume_import
				(import, firm, account, name, state, dry, total, row_count, accepted, rejected, unchanged, review, refused, header, started, ended)
				values ($1, $2, $3, $4, 'running', $5, 0, 0, 0, 0, 0, 0, '', '[]', $6, 0)`,
				im.ID, im.Firm, by.ID, im.Name, bit(im.DryRun), clock.Micros(now)); err != nil {
				return im, err
			}
			return im, s.recordPerson(tx, by, factImportBegun, "import:"+im.ID, "", map[string]any{"firm": im.Firm, "dry_run": im.DryRun})
		})
		return err
	})
	if err != nil || out.ID != im.ID { // refused, or a replay of an earlier one
		s.Uploads.Drop(im.ID)
		if err == nil {
			return s.Import(ctx, by, out.ID)
		}
		return Import{}, err
	}
	s.launch(by, im)
	return im, nil
}

func (s *Service) mayImport(ctx context.Context, by auth.Principal, firm string) error {
	if firm == "" {
		return by.Permit(MayRegister, Grants, auth.District(s.District))
	}
	return s.Store.Read(ctx, func(r storage.Reader) error {
		_, err := s.permitFirm(r, by, MayFile, firm)
		return err
	})
}

// fileName is what a person would call the file: no folders, not endless.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/"))
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	return name
}

// progress is an import at work in this process.
type progress struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func (s *Service) launch(by auth.Principal, im Import) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &progress{cancel: cancel, done: make(chan struct{})}
	if _, busy := s.running.LoadOrStore(im.ID, p); busy {
		cancel()
		return
	}
	go func() {
		defer close(p.done)
		defer s.running.Delete(im.ID)
		defer cancel()
		s.readIn(ctx, by, im)
	}()
}

// Await waits until an import of this process has ended, or for at most d.
func (s *Service) Await(ctx context.Context, id string, d time.Duration) {
	v, ok := s.running.Load(id)
	if !ok {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-v.(*progress).done:
	case <-t.C:
	case <-ctx.Done():
	}
}

// CancelImport stops a file being read. What was done stays and is said; the same
// file again finishes it. Cancelling an ended import changes nothing.
//
// Faults: Denied, NotFound.
func (s *Service) CancelImport(ctx context.Context, by auth.Principal, id string) (Import, error) {
	im, err := s.Import(ctx, by, id)
	if err != nil || im.State != ImportRunning {
		return im, err
	}
	if im.Firm != "" {
		if err := s.mayImport(ctx, by, im.Firm); err != nil {
			return im, err
		}
	}
	if v, ok := s.running.Load(id); ok {
		v.(*progress).cancel()
		<-v.(*progress).done
	}
	return s.Import(ctx, by, id)
}

// Unread lists the imports whose file is still wanted: those being read, or to be
// taken up.
func (s *Service) Unread(ctx context.Context) (ids []string, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		ids, err = storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
			`select import from workresume_import where state = 'running'`)
		return err
	})
	return ids, err
}

// Resume takes up the files that were being read when the program stopped.
func (s *Service) Resume(ctx context.Context) error {
	var left []Import
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		left, err = storage.All(r, scanImport, importColumns+` where state = 'running' order by import`)
		return err
	})
	if err != nil {
		return err
	}
	for _, im := range left {
		up, err := s.Uploads.Open(im.ID)
		if err == nil {
			up.Close()
			im.resumed = true
			s.launch(auth.Operator(), im)
			continue
		}
		if err := s.end(ctx, auth.Operator(), im, ImportInterrupted, nil); err != nil {
			return err
		}
	}
	return nil
}

// halt stops the files being read because the program stops; the next start takes
// them up.
func (s *Service) halt() {
	s.closing.Store(true)
	s.running.Range(func(_, v any) bool {
		v.(*progress).cancel()
		<-v.(*progress).done
		return true
	})
}
