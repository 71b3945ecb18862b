package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"time"

	"breakwater/internal/ident"
)

// worker is one row of a roster.
type worker struct{ name, number, phone string }

// people are n invented workers, the same for the same first.
func people(first, n int) []worker {
	out := make([]worker, n)
	for i := range out {
		k := first + i
		number := ident.MakeMainlandID("330299", time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, k%9000), 1+k/9000)
		out[i] = worker{fmt.Sprintf("李娜%c", '一'+rune(k%5000)), number, fmt.Sprintf("138%08d", k)}
	}
	return out
}

// roll is a roster without a column for the firm.
func roll(people ...worker) []byte {
	return table([]string{"姓名", "身份证号", "手机号"}, people, func(w worker) []string { return []string{w.name, w.number, w.phone} })
}

// rollOf names the firm in every row.
func rollOf(code func(i int) string, people ...worker) []byte {
	i := -1
	return table([]string{"统一社会信用代码", "姓名", "身份证号", "手机号"}, people, func(w worker) []string {
		i++
		return []string{code(i), w.name, w.number, w.phone}
	})
}

func table(head []string, people []worker, row func(worker) []string) []byte {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write(head) // a bytes.Buffer takes everything
	for _, p := range people {
		_ = c.Write(row(p))
	}
	c.Flush()
	return b.Bytes()
}

// firmCode is the nth invented firm's credit code.
func firmCode(n int) string { return ident.MakeCreditCode(fmt.Sprintf("91990201%09d", n)) }

// refusal is a whole file refused, as JSON.
type refusal struct {
	Refused struct{ Code, Reason string } `json:"refused"`
}

// counts is the answer of import roster --json.
type counts struct {
	Rows      int64       `json:"rows"`
	Accepted  int64       `json:"accepted"`
	Rejected  int64       `json:"rejected"`
	Unchanged int64       `json:"unchanged"`
	Review    int64       `json:"review"`
	Errors    []cellFault `json:"errors"`
}

// files names what lies in a folder of the site.
func (s *site) files(dir string) (names []string) {
	s.t.Helper()
	list, err := os.ReadDir(s.path(dir))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}
