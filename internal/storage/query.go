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
