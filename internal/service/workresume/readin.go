package workresume

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/storage"
)

// chunkRows is how many rows one transaction takes, so that a roster never holds
// the writer for long.
const chunkRows = 500

// Beside a crowd a chunk is small and is rested after, so that whoever stands at a gate
// neither waits for its transaction nor for a processor: some three in four of a file's
// time. A roster of 20,000 takes nine seconds then instead of two and a half.
const (
	crowdRows = 50
	crowdRest = 15 * time.Millisecond
)

// awayPause is how long work waits before it asks an absent store again.
const awayPause = time.Second

// readIn reads one file to its end, a chunk at a time, and decides again for the
// firms it touched. It starts from the file's first row however often it is run:
// rows already there count as unchanged.
func (s *Service) readIn(ctx context.Context, by auth.Principal, im Import) {
	im.Rows, im.Accepted, im.Rejected, im.Unchanged, im.Review = 0, 0, 0, 0, 0
	im, touched, err := s.readChunks(ctx, by, im)
	state := ImportDone
	switch f := fault.As(err); {
	case err == nil:
	case ctx.Err() != nil && s.closing.Load():
		return // taken up at the next start
	case ctx.Err() != nil:
		state = ImportCancelled
	case f.Kind == fault.Invalid || f.Kind == fault.TooLarge || f.Kind == fault.Malformed:
		state = ImportRefused
	default:
		slog.Error("roster import stopped", "import", im.ID, "err", err)
		state = ImportInterrupted
	}
	// The rest must happen although the reader was cancelled.
	ctx = context.WithoutCancel(ctx)
	for firm := range touched {
		if err := s.redecide(ctx, by, firm); err != nil {
			slog.Error("decide after import", "import", im.ID, "firm", firm, "err", err)
		}
	}
	var why *fault.Error
	if state == ImportRefused {
		why = fault.As(err)
	}
	err = s.end(ctx, by, im, state, why)
	for away(err) && !s.closing.Load() { // left running, it would keep the firm's next file out
		time.Sleep(awayPause)
		err = s.end(ctx, by, im, state, why)
	}
	if err != nil {
		slog.Error("end roster import", "import", im.ID, "err", err)
		return // the file stays, to be taken up at the next start
	}
	s.Uploads.Drop(im.ID)
}

// readingMost is how many bytes of files, unpacked, are read at once: of the largest a
// file may be, two or three. The others wait in the order in which they came, so that a
// morning on which everybody sends a file, or a start that takes all of them up again,
// does not fill the memory.
const readingMost = 256 << 20

func (s *Service) readChunks(ctx context.Context, by auth.Principal, im Import) (_ Import, touched map[string]bool, err error) {
	touched = map[string]bool{}
	up, err := s.Uploads.Open(im.ID)
	if err != nil {
		return im, touched, err
	}
	defer up.Close()
	weight := min(roster.Weight(up, up.Size()), readingMost)
	if err := s.reading.Acquire(ctx, weight); err != nil {
		return im, touched, err
	}
	defer s.reading.Release(weight)
	file, err := roster.Open(up, up.Size(), im.Name, roster.Options{Today: s.Clock()})
	if err != nil {
		return im, touched, err
	}
	defer file.Close()
	im.Total = int64(file.Expected())
	in := &intake{Service: s, by: by, file: file, firms: map[string]string{}, touched: touched}
	if err := in.begin(ctx, im, file.Header()); err != nil {
		return im, touched, err
	}
	reading, stop := context.WithCancel(ctx)
	chunks := make(chan chunk, 1)
	go func() {
		defer close(chunks)
		in.feed(reading, im.ID, file, chunks)
	}()
	defer func() { // the file is closed when nobody reads it any more
		stop()
		for range chunks {
		}
	}()
	for c := range chunks {
		if c.err != nil {
			return im, touched, c.err
		}
		if im, err = in.take(ctx, im, c); err != nil {
			return im, touched, err
		}
		in.rest(ctx)
	}
	return im, touched, ctx.Err()
}

// chunk is some rows of a file, sealed and ready for one transaction.
type chunk struct {
	rows  int64
	good  []entry
	falls []fall
	err   error
}

// feed reads, judges and seals one chunk while another is being written.
func (in *intake) feed(ctx context.Context, id string, file *roster.File, out chan<- chunk) {
	rows := make([]roster.Row, 0, chunkRows)
	for {
		rows = rows[:0]
		var c chunk
		most := chunkRows
		if in.crowded() > 0 {
			most = crowdRows
		}
		for len(rows) < most && c.err == nil {
			var row roster.Row
			if row, c.err = file.Next(); c.err == nil {
				rows = append(rows, row)
			}
		}
		end := errors.Is(c.err, io.EOF)
		if end {
			c.err = nil
		}
		if c.err == nil {
			c.rows = int64(len(rows))
			c.good, c.falls, c.err = in.prepare(id, rows)
		}
		select {
		case out <- c:
		case <-ctx.Done():
			return
		}
		if end || c.err != nil {
			return
		}
	}
}

// rest lets a crowd go first, after a chunk.
func (in *intake) rest(ctx context.Context) {
	if in.crowded() == 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(crowdRest):
	}
}

// redecide asks the rules again after a firm's roster changed.
func (s *Service) redecide(ctx context.Context, by auth.Principal, firm string) error {
	var out Firm
	err := s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		f, err := s.load(tx, firm)
		if err != nil {
			return err
		}
		if f.Filing != nil {
			if err := s.redeclare(tx, by, &f, f.Filing.upTo(f.Roster)); err != nil {
				return err
			}
			err = s.decide(tx, by, &f)
		}
		out = f.Firm
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.signed(ctx, out)
	return err
}

// end closes an import and says what came of it.
func (s *Service) end(ctx context.Context, by auth.Principal, im Import, state ImportState, why *fault.Error) error {
	refused := ""
	if why != nil {
		b, err := json.Marshal(Refusal{Code: why.Code, Args: why.Args})
		if err != nil {
			return err
		}
		refused = string(b)
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update workresume_import set state = $1, refused = $2, ended = $3 where import = $4 and state = 'running'`,
			string(state), refused, clock.Micros(s.Clock()), im.ID)
		if err != nil || n == 0 {
			return err
		}
		if im.Firm != "" {
			if _, err := tx.Exec(`update workresume_firm set refusals = $1 where firm = $2`, im.Rejected, im.Firm); err != nil {
				return err
			}
		}
		return s.recordPerson(tx, by, factImportEnded, "import:"+im.ID, "", map[string]any{
			"firm": im.Firm, "state": state, "dry_run": im.DryRun,
			"rows": im.Rows, "accepted": im.Accepted, "rejected": im.Rejected, "unchanged": im.Unchanged, "review": im.Review,
		})
	})
}
