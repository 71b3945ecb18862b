package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// roster imports a file and wants it processed, whatever became of its rows.
func (s *site) roster(words ...string) counts {
	s.t.Helper()
	var c counts
	s.run(append([]string{"import", "roster", "--json"}, words...)...).exit(0).json(&c)
	if c.Rows != c.Accepted+c.Rejected+c.Unchanged+c.Review {
		s.t.Errorf("%v: the sum is wrong: %+v", words, c)
	}
	if c.Errors == nil {
		s.t.Errorf("%v: errors is null, not a list", words)
	}
	return c
}

// refusedFile imports a file that is refused as a whole and returns the code.
func (s *site) refusedFile(words ...string) string {
	s.t.Helper()
	var r refusal
	s.run(append([]string{"import", "roster", "--json"}, words...)...).exit(1).json(&r)
	if r.Refused.Code == "" || r.Refused.Reason == "" || r.Refused.Reason == r.Refused.Code {
		s.t.Errorf("%v: refused without a reason: %+v", words, r)
	}
	return r.Refused.Code
}

func (s *site) firms() int64 { return s.number(`select count(*) from workresume_firm`) }
func (s *site) members() int64 {
	return s.number(`select count(*) from workresume_member where departed = 0`)
}

// One file of a firm, with every kind of row, told exactly.
func TestImportSaysWhatItDid(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		named(s)
		all := people(0, 6)
		all[1].number = all[1].number[:17] + "?"       // line 3
		all[3].name, all[3].phone = "", "12"           // line 5, two cells
		s.write("a.csv", roll(append(all, all[0])...)) // line 8 repeats line 2
		want := counts{Rows: 7, Accepted: 4, Rejected: 3, Errors: []cellFault{
			{Row: 3, Column: "身份证号"}, {Row: 5, Column: "姓名"}, {Row: 5, Column: "手机号"}, {Row: 8, Column: "身份证号"},
		}}
		same := []cmp.Option{cmpopts.IgnoreFields(cellFault{}, "Code", "Value", "Reason"), cmpopts.SortSlices(func(a, b cellFault) bool {
			return a.Row < b.Row || a.Row == b.Row && a.Column < b.Column
		})}

		rehearsed := s.roster("a.csv", "--firm", firmCode(1), "--dry-run")
		if d := cmp.Diff(want, rehearsed, same...); d != "" {
			t.Error(d)
		}
		if s.firms() != 0 || s.members() != 0 || s.number(`select count(*) from party_person`) != 0 {
			t.Error("a dry run changed something")
		}

		got := s.roster("a.csv", "--firm", firmCode(1))
		if d := cmp.Diff(want, got, same...); d != "" {
			t.Error(d)
		}
		for _, e := range got.Errors {
			if !strings.Contains(e.Code, ".") || e.Reason == "" || e.Reason == e.Code || strings.ContainsAny(e.Reason, "{}") {
				t.Errorf("not a reason: %+v", e)
			}
			if e.Value != "" && strings.Contains(e.Value, all[0].number[6:14]) {
				t.Errorf("the value is not masked: %+v", e)
			}
		}
		if s.firms() != 1 || s.members() != 4 {
			t.Errorf("%d firms, %d members", s.firms(), s.members())
		}

		// The same again: nothing is done twice, and a rehearsal says so beforehand.
		for _, words := range [][]string{{"--dry-run"}, nil} {
			again := s.roster(append([]string{"a.csv", "--firm", firmCode(1)}, words...)...)
			if again.Unchanged != 4 || again.Accepted != 0 || again.Rejected != 3 {
				t.Errorf("again %v: %+v", words, again)
			}
		}
		// Another firm names one of them: nobody is moved.
		s.write("b.csv", roll(all[0], people(50, 1)[0]))
		if c := s.roster("b.csv", "--firm", firmCode(2)); c.Review != 1 || c.Accepted != 1 {
			t.Errorf("two rosters: %+v", c)
		}

		// What a person reads, in both languages.
		s.run("import", "roster", "a.csv", "--firm", firmCode(1)).exit(0).has("Rows: 7")
		s.env = []string{"LANG=zh_CN.UTF-8"}
		s.run("import", "roster", "a.csv", "--firm", firmCode(1)).exit(0).has("身份证号")
	})
}

// Without --firm each row names its own.
func TestImportOfManyFirms(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	codes := func(i int) string {
		switch i {
		case 4:
			return ""
		case 5:
			return "91990201000000001X" // the check character is wrong
		}
		return firmCode(1 + i%2)
	}
	s.write("many.csv", rollOf(codes, people(0, 6)...))
	got := s.roster("many.csv")
	if got.Rows != 6 || got.Accepted != 4 || got.Rejected != 2 || s.firms() != 2 {
		t.Errorf("%+v, %d firms", got, s.firms())
	}
	for i, line := range []int64{6, 7} {
		if i < len(got.Errors) && got.Errors[i].Row != line {
			t.Errorf("line %d, want %d: %+v", got.Errors[i].Row, line, got.Errors[i])
		}
	}
	// For one firm, rows of another are refused.
	s.write("mixed.csv", rollOf(func(i int) string { return firmCode(1 + i%2) }, people(100, 4)...))
	if c := s.roster("mixed.csv", "--firm", firmCode(1)); c.Accepted != 2 || c.Rejected != 2 {
		t.Errorf("%+v", c)
	}
	// With no column for it, no row can be placed.
	s.write("none.csv", roll(people(200, 2)...))
	if c := s.roster("none.csv"); c.Rejected != 2 {
		t.Errorf("%+v", c)
	}
}

// More bad cells than any screen lists are still all told.
func TestEveryBadCellIsTold(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	const n = 10_400
	bad := make([]worker, n)
	for i := range bad {
		bad[i] = worker{"李娜", "1", ""}
	}
	s.write("bad.csv", roll(bad...))
	if c := s.roster("bad.csv", "--firm", firmCode(1), "--dry-run"); c.Rejected != n || len(c.Errors) < n || c.Errors[len(c.Errors)-1].Row != n+1 {
		t.Errorf("%d rejected, %d errors", c.Rejected, len(c.Errors))
	}
}

// A refused file changes nothing and says how to mend it.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	s.write("good.csv", roll(people(0, 2)...))
	s.write("old.xls", append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 4096)...))
	s.write("empty.csv", nil)
	s.write("columns.csv", []byte("姓名,部门\n李娜,生产部\n"))
	s.write("broken.xlsx", []byte("PK\x03\x04 and no more"))
	for _, words := range [][]string{
		{"old.xls", "--firm", firmCode(1)},
		{"empty.csv", "--firm", firmCode(1)},
		{"columns.csv", "--firm", firmCode(1)},
		{"broken.xlsx", "--firm", firmCode(1)},
		{"absent.csv", "--firm", firmCode(1)},
		{"good.csv", "--firm", "91990201000000001X"},
		{"good.csv", "--firm", "one"},
		{".", "--firm", firmCode(1)},
	} {
		s.refusedFile(words...)
		s.run(append([]string{"import", "roster"}, words...)...).exit(1)
	}
	if s.members() != 0 {
		t.Error("a refused file changed a roster")
	}
	if left := s.files("data/uploads"); len(left) != 0 {
		t.Errorf("files with people's numbers are left behind: %v", left)
	}
}

// long is a roster that takes a while: many chunks.
const long = 12_000

// background starts a command and leaves it running.
func (s *site) background(words ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	s.t.Helper()
	cmd := s.command(append(words, s.store...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, &out, &errs
}

// begun waits until part of the long roster is in the store.
func (s *site) begun() {
	s.t.Helper()
	until(s.t, "the first rows", func() bool {
		if s.number(`select count(*) from workresume_import where state <> 'running'`) > 0 {
			s.t.Fatal("the import was over before anybody looked")
		}
		return s.number(`select count(*) from workresume_import where row_count > 0`) > 0
	})
}

// The machine loses power in the middle of an import: running it again finishes it.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		named(s)
		s.write("long.csv", roll(people(0, long)...))
		cmd, _, errs := s.background("import", "roster", "long.csv", "--json", "--firm", firmCode(1))
		s.begun()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if n := s.members(); n == 0 || n >= long {
			t.Fatalf("killed too late or too early: %d, %s", n, errs)
		}
		var c counts
		s.run("import", "roster", "long.csv", "--json", "--firm", firmCode(1)).exit(0).has("long.csv").json(&c)
		if c.Rows != long || c.Accepted+c.Unchanged != long || s.members() != long {
			t.Errorf("after the second run: %+v, %d members", c, s.members())
		}
		if left := s.files("data/uploads"); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		s.verified()
	})
}
