package storage

import (
	"errors"

	"breakwater/internal/fault"
)

// Apart runs fn as a part of the Write that fails by itself: when fn returns an
// error, or one of its statements failed, all it did in the transaction is undone,
// its staged items and OnCommit functions with it, and the Write may go on. Whoever
// carries out others' parts in one transaction uses it once one of them has failed;
// it costs two statements more than fn alone. A panic or Goexit of fn ends the Write.
//
// Parts do not nest. Faults: those of fn, Internal "storage.nested", and whatever
// ended the whole transaction, after which every statement fails.
func (t *Tx) Apart(fn func() error) error {
	if err := t.check(); err != nil {
		return err
	}
	if t.apart {
		return errNested()
	}
	if err := t.flush(); err != nil { // what others left is not this part's to lose
		return err
	}
	if err := t.mark("savepoint part"); err != nil {
		return err
	}
	staged, after, rows, row := len(t.staged), len(t.after), len(t.rows), len(t.row)
	t.apart = true
	err := fn()
	if err == nil {
		err = t.flush()
	}
	t.apart, t.later = false, nil
	if err == nil {
		err = t.failed
	}
	if err == nil {
		return t.mark("release part")
	}
	if t.lite != nil && t.lite.gone {
		return errors.Join(err, t.note(fault.New(fault.Internal, "storage.ended")))
	}
	t.failed = nil
	// A select left open would see what is undone, and PostgreSQL takes no
	// statement before its end.
	for _, r := range t.rows[rows:] {
		r.Close()
	}
	for _, r := range t.row[row:] {
		_ = r.Scan() // closes it; nothing wants the row
	}
	t.staged, t.after = t.staged[:staged], t.after[:after]
	if e := t.mark("rollback to part"); e != nil {
		return errors.Join(err, e)
	}
	if e := t.mark("release part"); e != nil {
		return errors.Join(err, e)
	}
	return explain(err)
}

// mark sets, forgets or returns to the savepoint. It does not ask for the caller,
// who may leave between two parts but not between a part and its undoing.
func (t *Tx) mark(text string) error {
	if t.pg != nil {
		_, err := t.pg.ExecContext(background, text)
		return t.note(err)
	}
	t.wrote = true // whoever undoes this Write must undo the savepoint too
	return t.note(t.lite.do(text))
}
