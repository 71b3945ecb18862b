package drill

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"time"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/keyring"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// reading is what the store says of a campaign once the program has stopped: the rows
// of the service, the journal of the ledger, and the facts of the log.
type reading struct {
	ration.Promised
	Facts  map[string]int64 // by allotment: how often the log says it was promised
	Rooms  map[string]ration.Waited
	Course []step // promises and turns in the log's order
}

// step is a moment of a waiting room in the log: somebody was promised something, or so
// many have had their turn.
type step struct {
	allotment string
	let       int64
	at        time.Time
}

// How the log calls a promise, whose body names the allotment, and a turn's moving on.
const (
	factPromised = "ration.promised"
	factTurned   = "ration.room_turned"
)

// open opens the store of a program that does not run, and its log.
func (p *Program) open(ctx context.Context) (*storage.DB, *eventlog.Log, error) {
	target := p.Database
	if target == "" {
		target = "sqlite:" + filepath.Join(p.Data, "breakwater.db")
	}
	db, err := storage.Open(ctx, target, storage.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, nil, err
	}
	id, err := db.StoreID(ctx)
	if err == nil {
		var ring *keyring.Ring
		if ring, err = keyring.Load(filepath.Join(p.Data, "keys"), id); err == nil {
			var log *eventlog.Log
			if log, err = eventlog.New(db, ring, time.Now, "drill"); err == nil {
				return db, log, nil
			}
		}
	}
	_ = db.Close()
	return nil, nil, err
}

// readings reads what the store says of campaigns, and how many facts its log has.
func (p *Program) readings(ctx context.Context, campaigns ...string) (out map[string]*reading, facts int64, err error) {
	db, log, err := p.open(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer db.Close()
	out = map[string]*reading{}
	if err := db.Export(ctx, func(r storage.Reader) error {
		for _, c := range campaigns {
			got, err := ration.PromisedOf(r, c)
			if err != nil {
				return err
			}
			x := &reading{Promised: got, Facts: map[string]int64{}}
			if x.Rooms, err = ration.WaitedOf(r, c); err != nil {
				return err
			}
			out["campaign:"+c] = x
		}
		return nil
	}); err != nil {
		return nil, 0, err
	}
	const page = 1000
	for {
		list, err := log.Since(ctx, facts, page)
		if err != nil {
			return nil, 0, err
		}
		for _, f := range list {
			facts = f.Seq
			at := out[f.Stream]
			if at == nil || f.Name != factPromised && f.Name != factTurned {
				continue
			}
			var body struct {
				Allotment string
				Let       int64
			}
			if err := json.Unmarshal(f.Body, &body); err != nil {
				return nil, 0, err
			}
			at.Course = append(at.Course, step{body.Allotment, body.Let, f.At})
			if f.Name == factPromised {
				at.Facts[body.Allotment]++
			}
		}
		if len(list) < page {
			return out, facts, nil
		}
	}
}

// found is what is wrong between what people were told and what the store says.
type found struct {
	Told, Promised             int64 // allotments
	Pieces                     int64 // given, by the ledger
	Lost, Duplicated, Oversold int64
	Odds                       int64 // where rows, ledger and log contradict each other
}

func (f *found) add(o found) {
	f.Told, f.Promised, f.Pieces = f.Told+o.Told, f.Promised+o.Promised, f.Pieces+o.Pieces
	f.Lost, f.Duplicated, f.Oversold, f.Odds = f.Lost+o.Lost, f.Duplicated+o.Duplicated, f.Oversold+o.Oversold, f.Odds+o.Odds
}

// holdAgainst compares what people were told, an allotment each, with a reading.
//
// Lost is what was told and is missing with any of the three, or was told two people. Duplicated is whoever has
// more than one share, and what was given without anybody having asked: more promises
// than people who asked. Oversold is pieces given beyond what an offer had.
func holdAgainst(told []string, asked int64, r *reading) (f found) {
	rows, holders := map[string]int64{}, map[string]int64{}
	for _, x := range r.Rows {
		rows[x.ID]++
		holders[x.Holder]++
		if r.Given[x.ID] != x.Pieces || r.Facts[x.ID] != 1 {
			f.Odds++
		}
	}
	for id := range r.Given {
		if rows[id] == 0 {
			f.Odds++
		}
	}
	for id := range r.Facts {
		if rows[id] == 0 {
			f.Odds++
		}
	}
	seen := make(map[string]bool, len(told))
	for _, id := range told {
		if seen[id] || rows[id] == 0 || r.Given[id] == 0 || r.Facts[id] == 0 {
			f.Lost++
		}
		seen[id] = true
	}
	for _, n := range holders {
		f.Duplicated += n - 1
	}
	f.Duplicated += max(0, int64(len(r.Rows))-asked-f.Duplicated)
	for _, o := range r.Offers {
		f.Oversold += max(0, o.Given-o.Pieces)
		f.Pieces += o.Given
	}
	f.Told, f.Promised = int64(len(told)), int64(len(r.Rows))
	return f
}
