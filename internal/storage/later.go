package storage

// later is the rows of one statement that wait for the end of their Write.
type later struct {
	head, tail string
	columns    int
	values     []any
}

// Later adds one row to a statement that runs once for all rows given to it, before
// the Write ends: head, the tuples, tail, as ExecRows has them. Whoever carries out
// others' parts in one transaction saves a round trip for each row by it. The row is
// not there for the rest of the closure, and what is wrong with it fails the Write (or
// the part, see Apart) at its end.
func (t *Tx) Later(head string, tail string, row ...any) {
	for i := range t.later {
		if l := &t.later[i]; l.head == head && l.tail == tail && l.columns == len(row) {
			l.values = append(l.values, row...)
			return
		}
	}
	t.later = append(t.later, later{head, tail, len(row), row})
}

// flush runs the statements that wait, in the order in which each was first given.
func (t *Tx) flush() error {
	for _, l := range t.later {
		if _, err := ExecRows(t, l.head, l.columns, l.values, l.tail); err != nil {
			return err
		}
	}
	t.later = nil
	return nil
}
