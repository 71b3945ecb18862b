package workresume

import (
	"context"
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Notice is something a firm is told on its own page until it says it has seen it.
type Notice struct {
	ID   string
	At   time.Time
	Code string // message key
	Args map[string]any
}

// notice is one to be left for a firm.
type notice struct {
	firm, code string
	args       map[string]any
}

// tell leaves the firm a notice, in the transaction that caused it.
func (s *Service) tell(tx *storage.Tx, firm, code string, args map[string]any) error {
	return s.tellAll(tx, []notice{{firm, code, args}})
}

func (s *Service) tellAll(tx *storage.Tx, list []notice) error {
	now := s.Clock()
	rows := make([]any, 0, len(list)*6)
	for _, n := range list {
		args, err := json.Marshal(n.args)
		if err != nil {
			return err
		}
		rows = append(rows, ident.New("not", now), n.firm, clock.Micros(now), n.code, string(args), 0)
	}
	_, err := storage.ExecRows(tx, `insert into workresume_notice (notice, firm, at, code, args, seen) values `, 6, rows, "")
	return err
}

// Notices are what the firm has not yet marked as seen, newest first.
//
// Faults: Denied, NotFound.
func (s *Service) Notices(ctx context.Context, by auth.Principal, firm string) ([]Notice, error) {
	var out []Notice
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.permitFirm(r, by, MaySee, firm); err != nil {
			return err
		}
		var err error
		out, err = storage.All(r, func(rows *storage.Rows) (Notice, error) {
			var n Notice
			var at int64
			var args string
			if err := rows.Scan(&n.ID, &at, &n.Code, &args); err != nil {
				return n, err
			}
			n.At = clock.FromMicros(at)
			return n, json.Unmarshal([]byte(args), &n.Args)
		}, `select notice, at, code, args from workresume_notice where firm = $1 and seen = 0 order by notice desc limit 20`, firm)
		return err
	})
	return out, err
}

// MarkSeen puts the firm's notices away up to and including one.
//
// Faults: Denied, NotFound.
func (s *Service) MarkSeen(ctx context.Context, by auth.Principal, firm, upto string) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := s.permitFirm(tx, by, MayFile, firm); err != nil {
			return err
		}
		n, err := tx.Exec(`update workresume_notice set seen = $1 where firm = $2 and notice <= $3 and seen = 0`, clock.Micros(s.Clock()), firm, upto)
		if err != nil || n == 0 {
			return err
		}
		return s.record(tx, by, factNoticesSeen, firm, map[string]string{"upto": upto})
	})
}
