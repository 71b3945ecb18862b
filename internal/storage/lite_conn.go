package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"modernc.org/sqlite"

	"breakwater/internal/fault"
)

// maxStatements bounds one connection's statement cache. Lists of varying
// length make many texts; past the bound the idle ones are closed.
const maxStatements = 400

// liteConnector opens SQLite connections that cache statements by text: the
// engine's parser and planner cost more than running a small statement.
type liteConnector struct{ driver.Connector }

func newLiteConnector(dsn string) (*liteConnector, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return &liteConnector{c}, nil
}

// Connect implements driver.Connector.
func (c *liteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &liteConn{Conn: conn, cache: map[string]*liteStmt{}}, nil
}

// liteConn is one SQLite connection. It is used by one goroutine at a time.
type liteConn struct {
	driver.Conn
	cache map[string]*liteStmt
	open  []*liteRows // result sets not yet closed
	// scope is the context of the Read whose statements run here, so that its
	// end interrupts a long select. It is nil on the writer: an interrupt there
	// would undo the work of everyone in the batch.
	scope context.Context
	// heard is told of every failed statement; nil outside the writer.
	heard func(error)
	args  []driver.NamedValue // bind's
}

type liteStmt struct {
	stmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	text   string
	writes writes
	busy   bool // an open result set holds it
	single bool // outside the cache, closed after use
}

// prepare returns the statement for a text, from the cache if it is there and
// not in the middle of a result set.
func (c *liteConn) prepare(text string) (*liteStmt, error) {
	s := c.cache[text]
	if s != nil && !s.busy {
		return s, nil
	}
	made, err := c.Conn.Prepare(unnumbered(text))
	if err != nil {
		return nil, err
	}
	n := &liteStmt{text: text, writes: effect(text), single: s != nil}
	var ok bool
	if n.stmt, ok = made.(interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, errors.Join(fmt.Errorf("storage: the SQLite driver's statement %T lacks contexts", made), made.Close())
	}
	if !n.single {
		if len(c.cache) >= maxStatements {
			c.forget()
		}
		c.cache[text] = n
	}
	return n, nil
}

func (c *liteConn) forget() {
	for text, s := range c.cache {
		if !s.busy {
			_ = s.stmt.Close()
			delete(c.cache, text)
		}
	}
}

// exec runs a statement and returns the rows it touched: 0 for anything but
// insert, update and delete, whose count the engine would carry over.
func (c *liteConn) exec(text string, args []driver.NamedValue) (n int64, w writes, err error) {
	s, err := c.prepare(text)
	if err != nil {
		return 0, effect(text), err
	}
	res, err := s.stmt.ExecContext(context.Background(), args)
	if s.single {
		_ = s.stmt.Close()
	}
	if err != nil {
		return 0, s.writes, err
	}
	if s.writes != rowWrites {
		return 0, s.writes, nil
	}
	n, err = res.RowsAffected()
	return n, s.writes, err
}

// ExecContext implements driver.ExecerContext.
func (c *liteConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n, _, err := c.exec(text, args)
	return driver.RowsAffected(n), err
}

// QueryContext implements driver.QueryerContext.
func (c *liteConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := c.query(text, args)
	if err != nil && c.heard != nil {
		c.heard(err)
	}
	return rows, err
}

func (c *liteConn) query(text string, args []driver.NamedValue) (driver.Rows, error) {
	for _, a := range args {
		if s, ok := a.Value.(string); ok && !plain(s) {
			return nil, errText()
		}
	}
	s, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	scope := c.scope
	if scope == nil {
		scope = context.Background()
	}
	rows, err := s.stmt.QueryContext(scope, args)
	if err != nil {
		if s.single {
			_ = s.stmt.Close()
		}
		return nil, err
	}
	s.busy = true
	r := &liteRows{Rows: rows, conn: c, stmt: s}
	c.open = append(c.open, r)
	return r, nil
}

// closeRows closes the result sets that were left open, and reports how many.
func (c *liteConn) closeRows() (left int) {
	for len(c.open) > 0 {
		_ = c.open[len(c.open)-1].Close()
		left++
	}
	return left
}

// Close implements driver.Conn.
func (c *liteConn) Close() error {
	c.closeRows()
	c.forget()
	return c.Conn.Close()
}

// IsValid implements driver.Validator.
func (c *liteConn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

// liteRows gives its statement back to the cache when it is closed.
type liteRows struct {
	driver.Rows
	conn   *liteConn
	stmt   *liteStmt
	closed bool
}

// Next implements driver.Rows.
func (r *liteRows) Next(dest []driver.Value) error {
	if r.closed {
		return errEnded
	}
	if s := r.conn.scope; s != nil && s.Err() != nil {
		return s.Err()
	}
	if err := r.Rows.Next(dest); err != nil {
		if !errors.Is(err, io.EOF) && r.conn.heard != nil {
			r.conn.heard(err)
		}
		return err
	}
	// Empty bytes come as nil from this engine and would go back as NULL.
	for i, v := range dest {
		if b, ok := v.([]byte); ok && b == nil {
			dest[i] = []byte{}
		}
	}
	return nil
}

// Close implements driver.Rows.
func (r *liteRows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.Rows.Close()
	r.stmt.busy = false
	if r.stmt.single {
		_ = r.stmt.stmt.Close()
	}
	for i, o := range r.conn.open {
		if o == r {
			r.conn.open = append(r.conn.open[:i], r.conn.open[i+1:]...)
			break
		}
	}
	return err
}

// writes says what a statement may change.
type writes uint8

const (
	noWrites  writes = iota // a select
	rowWrites               // insert, update, delete: the engine counts the rows
	anyWrites               // the rest, and scripts
)

// effect guesses from a statement's first word what it may change; where it
// cannot tell, it says anyWrites, which costs time and never correctness.
func effect(text string) writes {
	t := strings.TrimSpace(text)
	word := t
	if i := strings.IndexFunc(t, func(r rune) bool { return r <= ' ' || r == '(' }); i > 0 {
		word = t[:i]
	}
	if i := strings.IndexByte(t, ';'); i >= 0 && i < len(t)-1 {
		return anyWrites
	}
	switch strings.ToLower(word) {
	case "select", "values", "explain":
		return noWrites
	case "insert", "update", "delete", "replace":
		return rowWrites
	}
	return anyWrites
}

// bind turns arguments into what the driver takes. Text that PostgreSQL would
// refuse is refused here too, or an archive could not be moved between engines.
//
// The result is valid until the next call: a batch makes thousands of them.
func (c *liteConn) bind(args []any) ([]driver.NamedValue, error) {
	if cap(c.args) < len(args) {
		c.args = make([]driver.NamedValue, 2*len(args))
	}
	out := c.args[:len(args)]
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1}
		switch v := a.(type) {
		case string:
			if !plain(v) {
				return nil, errText()
			}
			out[i].Value = a
		case int64, []byte, nil:
			out[i].Value = a
		case int:
			out[i].Value = int64(v)
		default:
			dv, err := driver.DefaultParameterConverter.ConvertValue(a)
			if err != nil {
				return nil, fmt.Errorf("argument $%d: %w", i+1, err)
			}
			if s, ok := dv.(string); ok && !plain(s) {
				return nil, errText()
			}
			out[i].Value = dv
		}
	}
	return out, nil
}

func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func errText() error { return fault.New(fault.Invalid, "storage.text") }
