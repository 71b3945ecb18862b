package storage

import (
	"database/sql"
	"strconv"
)

// All collects the rows of a query.
func All[T any](r Reader, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := r.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// In returns "$first,$first+1,…" for values, and the values as arguments. The
// list must not be empty: "in ()" is no SQL.
func In[T any](first int, values []T) (string, []any) {
	b := make([]byte, 0, 4*len(values))
	args := make([]any, len(values))
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(first+i), 10)
		args[i] = v
	}
	return string(b), args
}

// Tuples is the parameters of n rows of some columns: "($1, $2), ($3, $4)".
func Tuples(n, columns int) string {
	b := make([]byte, 0, n*columns*5)
	for i := range n * columns {
		switch {
		case i == 0:
			b = append(b, '(')
		case i%columns == 0:
			b = append(b, "), ("...)
		default:
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(append(b, '$'), int64(i+1), 10)
	}
	return string(append(b, ')'))
}

// rowArgs is how many parameters one statement of ExecRows takes at most: SQLite
// looks them up one by one, and few lengths keep the statement cache small. On
// PostgreSQL, where each statement is a round trip, it is ten times as many.
const rowArgs = 96

// ExecRows runs a statement for rows of some columns, whose values stand one after
// the other, several rows a statement: head, the tuples, tail. It returns the rows
// touched.
func ExecRows(tx *Tx, head string, columns int, values []any, tail string) (touched int64, err error) {
	most := max(rowArgs/columns, 1)
	if tx.engine == Postgres {
		most *= 10
	}
	for n := most; len(values) > 0; {
		for n > 1 && len(values) < n*columns {
			n /= 2
		}
		m, err := tx.Exec(head+Tuples(n, columns)+tail, values[:n*columns]...)
		if err != nil {
			return touched, err
		}
		touched += m
		values = values[n*columns:]
	}
	return touched, nil
}
