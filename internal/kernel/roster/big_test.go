package roster

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// readFileEnv makes the test binary a program that reads one roster and says
// what that took: memory is a matter of a whole process.
const readFileEnv = "ROSTER_TEST_READ"

func TestMain(m *testing.M) {
	if name := os.Getenv(readFileEnv); name != "" {
		if err := readAndReport(name); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func readAndReport(name string) error {
	start := time.Now()
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	f, err := Open(in, info.Size(), name, Options{Today: today})
	if err != nil {
		return err
	}
	n := 0
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", row.Line, err)
		}
		if len(row.Faults) > 0 {
			return fmt.Errorf("line %d: %v", row.Line, row.Faults)
		}
		n++
	}
	peak, err := peakMemory()
	fmt.Printf("%d %d %s %d", n, peak>>20, time.Since(start).Round(time.Millisecond), info.Size()>>10)
	return err
}

// peakMemory is the most memory the process ever held, in bytes (Linux).
func peakMemory() (int64, error) {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			var kib int64
			_, err := fmt.Sscan(rest, &kib)
			return kib << 10, err
		}
	}
	return 0, errors.New("no VmHWM")
}

// TestBigRosters: 140,000 people and 12 columns, with texts in the cells as
// excelize streams them and in a table as Excel keeps them, within 500 MB. The
// time is logged and not judged: a shared machine must not fail a build. Only
// the dearest of the three is read unless ROSTER_TEST_ALL=1.
func TestBigRosters(t *testing.T) {
	if testing.Short() {
		t.Skip("big files take seconds")
	}
	if _, err := peakMemory(); err != nil {
		t.Skip("memory is read from /proc:", err)
	}
	dir := t.TempDir()
	for name, write := range map[string]func(t *testing.T, file string){
		"inline.xlsx": func(t *testing.T, file string) {
			if err := os.WriteFile(file, bigBook(t, benchRows), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"shared.xlsx": func(t *testing.T, file string) { writeShared(t, file, benchRows) },
		"big.csv":     func(t *testing.T, file string) { writeCSV(t, file, benchRows) },
	} {
		if name != "shared.xlsx" && os.Getenv("ROSTER_TEST_ALL") == "" {
			continue
		}
		file := filepath.Join(dir, name)
		write(t, file)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), readFileEnv+"="+file)
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		var n, mib, kib int
		var took string
		if _, err := fmt.Sscan(string(out), &n, &mib, &took, &kib); err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		t.Logf("%s: %d people of 12 columns, %d KiB, in %s (%s of processor) with at most %d MiB", name, n, kib, took, child.ProcessState.UserTime().Round(time.Millisecond), mib)
		if n != benchRows || mib > 500 {
			t.Errorf("%s: %d people, %d MiB", name, n, mib)
		}
	}
}

func bigRow(i int) []string {
	return []string{
		fmt.Sprint(i + 1), "试" + string(rune(0x4e00+i%5000)) + string(rune(0x4e00+i/7%5000)), person(i), mobile(i), fmt.Sprintf("G%06d", i),
		fmt.Sprintf("第%d车间", i%40), "操作工", "浙江省宁波市", fmt.Sprintf("宁波市高新区扬帆路%d号%d室", i%9999, i%77), "2020-02-10", "安徽省合肥市", "安徽省合肥市、浙江省宁波市",
	}
}

var bigHead = []string{"序号", "姓名", "身份证号", "手机号", "工号", "部门", "岗位", "籍贯", "现住址", "返甬日期", "来源地", "14天内到过"}

func writeCSV(t *testing.T, name string, n int) {
	t.Helper()
	var b strings.Builder
	b.WriteString(strings.Join(bigHead, ",") + "\n")
	for i := range n {
		b.WriteString(strings.Join(bigRow(i), ",") + "\n")
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeShared writes a workbook the way Excel does: every text once, in a
// table, and cells that refer to it.
func writeShared(t *testing.T, name string, n int) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z := zip.NewWriter(file)
	parts := rawBook("")
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	index := map[string]int{}
	var texts, cells strings.Builder
	row := func(line int, values []string) {
		fmt.Fprintf(&cells, `<row r="%d" spans="1:12">`, line)
		for col, v := range values {
			if _, ok := index[v]; !ok {
				index[v] = len(index)
				texts.WriteString("<si><t>" + v + "</t></si>")
			}
			fmt.Fprintf(&cells, `<c r="%s%d" s="1" t="s"><v>%d</v></c>`, letter(col), line, index[v])
		}
		cells.WriteString("</row>")
	}
	row(1, bigHead)
	for i := range n {
		row(i+2, bigRow(i))
	}
	parts["xl/worksheets/sheet1.xml"] = dataSheet(cells.String())
	parts["xl/sharedStrings.xml"] = "<sst>" + texts.String() + "</sst>"
	for part, text := range parts {
		w, err := z.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}
