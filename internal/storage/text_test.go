package storage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnnumbered(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`insert into a (b, c) values ($1, $2)`, `insert into a (b, c) values (?, ?)`},
		{`select 1 where a = $1 and b = '$2' and c = $2`, `select 1 where a = ? and b = '$2' and c = ?`},
		{`select "$9" where a = 'it''s $3' and c = $1`, `select "$9" where a = 'it''s $3' and c = ?`},
		{`select $2, $1`, `select $2, $1`},
		{`select $1, $1`, `select $1, $1`},
		{`select $1 -- $2`, `select $1 -- $2`},
		{`select $1, :b`, `select $1, :b`},
		{`select 'open $1`, `select 'open $1`},
		{`select 1`, `select 1`},
		{`values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, `values (?,?,?,?,?,?,?,?,?,?,?)`},
	} {
		if d := cmp.Diff(c.out, unnumbered(c.in)); d != "" {
			t.Error(d)
		}
	}
}
