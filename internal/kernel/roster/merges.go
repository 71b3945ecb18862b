package roster

import "bytes"

// merges reads what follows the rows, to the part's end, and so also proves
// that the part is whole. A block over several columns counts for its first,
// where its value is.
func (t *sheet) merges() ([]merge, error) {
	var found []merge
	for {
		tok, err := t.s.next()
		if err != nil {
			return nil, damaged(err)
		}
		if tok == atEnd {
			return found, nil
		}
		if tok != atStart || string(t.s.name) != "mergeCell" || len(found) >= mergesMax {
			continue
		}
		from, to, ok := bytes.Cut(t.s.attr("ref"), []byte(":"))
		m := merge{column(from), lineOf(from), lineOf(to)}
		if ok && m.col >= 0 && m.col < columnsMax && m.top > 0 && m.bottom > m.top {
			found = append(found, m)
		}
	}
}

// lineOf reads the digits of a reference such as AB12; 0 if there are none.
func lineOf(ref []byte) int {
	ref = bytes.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	if n := number(ref); n > 0 && n <= linesMax {
		return n
	}
	return 0
}

// carrier gives merged cells of a column their block's value. Firms merge the
// department of ten people into one tall cell.
type carrier struct {
	starts  map[[2]int]int // {line, column} of a block's head: its last line
	running map[int]carried
}

type carried struct {
	cell   cell
	bottom int
}

func newCarrier(blocks []merge) *carrier {
	c := &carrier{starts: make(map[[2]int]int, len(blocks)), running: map[int]carried{}}
	for _, m := range blocks {
		c.starts[[2]int{m.top, m.col}] = m.bottom
	}
	return c
}

// fill sets the blank cells that lie in a block begun on an earlier line.
func (c *carrier) fill(line int, row []cell, cols []int) {
	if len(c.starts) == 0 {
		return
	}
	for _, col := range cols {
		if col >= len(row) {
			continue
		}
		if bottom, ok := c.starts[[2]int{line, col}]; ok {
			c.running[col] = carried{row[col], bottom}
		} else if run, ok := c.running[col]; ok && line <= run.bottom && row[col].kind == blank {
			row[col] = run.cell
		}
	}
}
