package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// photosMost is how many photos one case holds.
const photosMost = 12

// Who sent a photo.
const (
	FromOfficer   = "officer"
	FromApplicant = "applicant"
)

// Photo is one photo of a case, without its pixels.
type Photo struct {
	ID, Case string
	SHA      string // of the picture as it is kept, in hex
	At       time.Time
	Account  string
	From     string
}

// Sealed is a photo ready to be stored: the one writer spends no time on it.
type Sealed struct {
	photo       Photo
	full, small []byte
}

// Redraw is the package's Redraw, one photo at a time; who gives up waiting leaves.
//
// Faults: as Redraw; Busy.
func (s *Store) Redraw(ctx context.Context, r io.Reader) (Picture, error) {
	// Read first: a slow phone must not hold up others' photos.
	data, err := io.ReadAll(io.LimitReader(r, PhotoMost+1))
	if err != nil {
		return Picture{}, err
	}
	select {
	case s.drawing <- struct{}{}:
	case <-ctx.Done():
		return Picture{}, fault.Wrap(ctx.Err(), fault.Busy, "fault.busy")
	}
	defer func() { <-s.drawing }()
	return Redraw(bytes.NewReader(data))
}

// PreparePhoto seals a picture for a case, outside any transaction.
func (s *Store) PreparePhoto(id string, p Picture, by auth.Principal, from string) (Sealed, error) {
	now := s.Now()
	sum := sha256.Sum256(p.Full)
	out := Sealed{photo: Photo{ID: ident.New("pho", now), Case: id, SHA: hex.EncodeToString(sum[:]), At: now, Account: by.ID, From: from}}
	var err error
	if out.full, err = s.Ring.Seal(p.Full, []byte(out.photo.ID)); err == nil {
		out.small, err = s.Ring.Seal(p.Small, []byte(out.photo.ID))
	}
	return out, err
}

// AddPhoto keeps a photo with a case that is not closed. The service has permitted
// who sends it. The same picture again is the photo that is there.
//
// Faults: NotFound; Conflict "casework.closed", "casework.photo_many"; Denied
// "casework.first_decider" of an appeal.
func (s *Store) AddPhoto(tx *storage.Tx, by auth.Principal, in Sealed) (Photo, error) {
	c, err := s.load(tx, in.photo.Case)
	if err != nil {
		return Photo{}, err
	}
	if in.photo.From == FromOfficer {
		if err := c.another(by); err != nil {
			return Photo{}, err
		}
	}
	list, err := s.Photos(tx, c.ID)
	if err != nil {
		return Photo{}, err
	}
	for _, p := range list {
		if p.SHA == in.photo.SHA {
			return p, nil
		}
	}
	switch {
	case c.State == Closed:
		return Photo{}, fault.New(fault.Conflict, "casework.closed")
	case len(list) >= photosMost:
		return Photo{}, fault.New(fault.Conflict, "casework.photo_many", "most", photosMost)
	}
	p := in.photo
	n, err := tx.Exec(`insert into casework_photo (photo, case_id, sha, at, account, party, picture, small) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (case_id, sha) do nothing`, p.ID, p.Case, p.SHA, clock.Micros(p.At), p.Account, p.From, in.full, in.small)
	if err != nil || n == 0 {
		return p, err
	}
	return p, s.record(tx, FactPhoto, by.ID, c, FactBody{Photo: p.SHA})
}

// Photos are a case's, in the order they came. It permits nobody; the service does.
func (s *Store) Photos(r storage.Reader, id string) ([]Photo, error) {
	return storage.All(r, func(rows *storage.Rows) (p Photo, err error) {
		var at int64
		err = rows.Scan(&p.ID, &p.Case, &p.SHA, &at, &p.Account, &p.From)
		p.At = clock.FromMicros(at)
		return p, err
	}, `select photo, case_id, sha, at, account, party from casework_photo where case_id = $1 order by photo`, id)
}

// PhotoSealed is one photo of a case as it is kept, small or whole; Unseal opens it,
// outside the transaction. It permits nobody; the service does.
//
// Faults: NotFound.
func (s *Store) PhotoSealed(r storage.Reader, id, photo string, small bool) (sealed []byte, err error) {
	column := "picture"
	if small {
		column = "small"
	}
	err = r.Row(`select `+column+` from casework_photo where photo = $1 and case_id = $2`, photo, id).Scan(&sealed)
	if storage.NoRows(err) {
		return nil, fault.New(fault.NotFound, "casework.photo_unknown")
	}
	return sealed, err
}

// Unseal opens a photo.
func (s *Store) Unseal(photo string, sealed []byte) ([]byte, error) {
	return s.Ring.Open(sealed, []byte(photo))
}
