package roster

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

const benchRows = 140_000

// BenchmarkRead reads, checks and judges 140,000 people of 12 columns, the
// survey of the whole file included.
func BenchmarkRead(b *testing.B) {
	data := bigBook(b, benchRows)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := Open(bytes.NewReader(data), int64(len(data)), "big.xlsx", Options{Today: today})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			row, err := f.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || len(row.Faults) > 0 {
				b.Fatal(err, row.Line, row.Faults)
			}
			n++
		}
		if n != benchRows {
			b.Fatal(n)
		}
	}
}

// BenchmarkExcelize is the baseline: the same bytes through excelize's
// streaming rows, without looking at a single cell.
func BenchmarkExcelize(b *testing.B) {
	data := bigBook(b, benchRows)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		rows, err := f.Rows("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			if _, err := rows.Columns(excelize.Options{RawCellValue: true}); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchRows+1 {
			b.Fatal(n)
		}
		_ = f.Close()
	}
}
