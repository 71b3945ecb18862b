package ration

import (
	"bytes"
	"compress/flate"
	"context"
	"io"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/draw"
	"breakwater/internal/storage"
)

// Transcript is a round's list and, once it is drawn, what was drawn. It is public.
//
// Faults: NotFound "ration.no_draw".
func (s *Service) Transcript(ctx context.Context, campaign string, day Day) (t *draw.Transcript, d Draw, err error) {
	text, d, err := s.DrawText(ctx, campaign, day)
	if err != nil {
		return nil, d, err
	}
	t, err = draw.Read(bytes.NewReader(text))
	return t, d, err
}

// DrawOf is a round's draw without its list, which may be long. It is public.
//
// Faults: NotFound "ration.no_draw".
func (s *Service) DrawOf(ctx context.Context, campaign string, day Day) (d Draw, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		d, err = s.drawOf(r, campaign, day)
		return err
	})
	return d, err
}

// DrawText is a draw's open file: the transcript, or the list until it is drawn.
//
// Faults: NotFound "ration.no_draw".
func (s *Service) DrawText(ctx context.Context, campaign string, day Day) (text []byte, d Draw, err error) {
	var list, transcript []byte
	if err = s.Store.Read(ctx, func(r storage.Reader) error {
		if d, err = s.drawOf(r, campaign, day); err != nil {
			return err
		}
		return r.Row(`select list, transcript from ration_draw where campaign = $1 and day = $2`, campaign, int64(day)).Scan(&list, &transcript)
	}); err != nil {
		return nil, d, err
	}
	if d.State != "frozen" {
		list = transcript
	}
	text, err = io.ReadAll(flate.NewReader(bytes.NewReader(list)))
	return text, d, err
}

const drawColumns = `select campaign, day, state, entries, places, hash, beacon, frozen, drawn, placed from ration_draw `

func scanDraw(from interface{ Scan(...any) error }) (d Draw, err error) {
	var day, beacon, frozen, drawn, placed int64
	err = from.Scan(&d.Campaign, &day, &d.State, &d.Entries, &d.Places, &d.Hash, &beacon, &frozen, &drawn, &placed)
	d.Day, d.Round, d.Frozen, d.Drawn, d.Placed = Day(day), uint64(beacon), instant(frozen), instant(drawn), instant(placed)
	return d.known(), err
}

func (s *Service) drawOf(r storage.Reader, campaign string, day Day) (Draw, error) {
	d, err := scanDraw(r.Row(drawColumns+`where campaign = $1 and day = $2`, campaign, int64(day)))
	if storage.NoRows(err) {
		err = fault.New(fault.NotFound, "ration.no_draw")
	}
	return d, err
}

// Draws lists a campaign's draws, the newest first. It is public.
func (s *Service) Draws(ctx context.Context, campaign string) (list []Draw, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err = storage.All(r, func(rows *storage.Rows) (Draw, error) { return scanDraw(rows) }, drawColumns+`where campaign = $1 order by day desc limit 100`, campaign)
		return err
	})
	return list, err
}
