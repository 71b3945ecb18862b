package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"
)

// session is the writer's own connection. Only the goroutine that runs the
// batch touches it.
type session struct {
	pool    *sql.DB
	conn    *sql.Conn
	lite    *liteConn
	current *Tx // whose closure is running

	// gone is set when the transaction ended without our asking: the engine
	// does so on a full disk, an I/O error or an interrupt, and a closure may
	// by "on conflict rollback". What the batch had done is undone.
	gone                bool
	committing, undoing bool
}

// open returns the session, making it if there is none.
func (w *writer) open() (*session, error) {
	if w.session != nil {
		return w.session, nil
	}
	connector, err := newLiteConnector(w.lite.writeDSN)
	if err != nil {
		return nil, err
	}
	s := &session{pool: sql.OpenDB(connector)}
	s.pool.SetMaxOpenConns(1)
	if s.conn, err = s.pool.Conn(background); err != nil {
		s.pool.Close()
		return nil, err
	}
	if err := s.conn.Raw(s.adopt); err != nil {
		s.close()
		return nil, err
	}
	w.session = s
	return s, nil
}

// adopt hears of the connection's failures and of its transactions' ends.
func (s *session) adopt(conn any) error {
	var ok bool
	if s.lite, ok = conn.(*liteConn); !ok {
		return fmt.Errorf("storage: connection is a %T", conn)
	}
	s.lite.heard = func(err error) {
		if s.current != nil {
			_ = s.current.note(err)
		}
	}
	hooks, ok := s.lite.Conn.(sqlite.HookRegisterer)
	if !ok {
		return fmt.Errorf("storage: the SQLite driver has no hooks")
	}
	hooks.RegisterRollbackHook(func() {
		if !s.undoing {
			s.gone = true
		}
	})
	// A closure that commits by itself would promise for the whole batch, and
	// a statement after the transaction's end would be one of its own: both
	// are turned into a rollback.
	hooks.RegisterCommitHook(func() int32 {
		if s.committing {
			return 0
		}
		return 1
	})
	return nil
}

func (s *session) do(text string) error {
	_, _, err := s.lite.exec(text, nil)
	return err
}

func (s *session) begin() error {
	s.gone = false
	return s.do("begin immediate")
}

func (s *session) commit() error {
	s.committing = true
	defer func() { s.committing = false }()
	return s.do("commit")
}

func (s *session) rollback() error {
	if s.gone {
		s.gone = false
		return nil
	}
	s.undoing = true
	defer func() { s.undoing = false }()
	return s.do("rollback")
}

// close closes the connection. database/sql is told that it is bad, so that
// nothing is run on it any more.
func (s *session) close() {
	s.undoing, s.committing = true, true
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
	s.pool.Close()
}

// drop gives up a connection of which nobody knows what state it is in. The
// next batch opens another, and the file decides what was committed.
func (w *writer) drop(s *session) {
	if s == nil {
		return
	}
	s.close()
	if w.session == s {
		w.session = nil
	}
}

// snapshot is one Read on SQLite.
type snapshot struct {
	ctx  context.Context
	conn *sql.Conn
	lite *liteConn
	rows []*sql.Rows
	row  []*sql.Row
}

// Query implements Reader.
func (s *snapshot) Query(q string, a ...any) (*sql.Rows, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(background, q, a...)
	if err == nil {
		s.rows = append(s.rows, rows)
	}
	return rows, err
}

// Row implements Reader.
func (s *snapshot) Row(q string, a ...any) *sql.Row {
	ctx := background
	if err := s.ctx.Err(); err != nil {
		ctx = failing{background, err}
	}
	row := s.conn.QueryRowContext(ctx, q, a...)
	s.row = append(s.row, row)
	return row
}

// Engine implements Reader.
func (s *snapshot) Engine() Engine { return SQLite }

func (s *snapshot) close() {
	if len(s.lite.open) > 0 {
		for _, r := range s.rows {
			r.Close()
		}
		for _, r := range s.row {
			_ = r.Scan()
		}
		s.lite.closeRows()
	}
}
