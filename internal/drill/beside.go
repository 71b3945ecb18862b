package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"breakwater/internal/ident"
)

// beside starts what an act wants to happen meanwhile; the function it returns
// waits for it and says what came of it, and what of it failed.
func (r *rehearsal) beside(ctx context.Context, a Act, lasts time.Duration) (func() (string, []string), error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var said, failed []string
	note := func(to *[]string, what string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		*to = append(*to, fmt.Sprintf(what, args...))
	}
	if a.ImportRows > 0 {
		file, code := filepath.Join(r.Dir, "roster.csv"), ident.MakeCreditCode(fmt.Sprintf("91990299%09d", time.Now().Unix()%1e9))
		if err := os.WriteFile(file, roll(a.ImportRows), 0o600); err != nil {
			return nil, err
		}
		all.Go(func() {
			began := time.Now()
			out, err := r.program.Command(ctx, "import", "roster", file, "--firm", code, "--json")
			var counts struct{ Accepted, Rows int64 }
			if err == nil {
				err = json.Unmarshal([]byte(out), &counts)
			}
			if err != nil || counts.Accepted != int64(a.ImportRows) {
				note(&failed, "the import beside it took %d of %d rows: %v", counts.Accepted, a.ImportRows, err)
				return
			}
			note(&said, "%d rows imported in %.1f s", counts.Rows, time.Since(began).Seconds())
		})
	}
	if a.BoardPerSecond > 0 {
		token, err := r.program.Command(ctx, "token", "create", "--role", "commander")
		if err != nil {
			return nil, err
		}
		page := func(path string) []byte {
			return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: drill\r\nAuthorization: Bearer %s\r\n\r\n", path, strings.TrimSpace(token))
		}
		pages := [][]byte{page("/board"), page("/api/v1/summary")}
		all.Go(func() {
			run, err := Load{
				Addr: r.program.Addr, Lines: 8, Kinds: []Kind{{Name: "board"}, {Name: "summary"}},
				Ask: func(i int64, b []byte) ([]byte, int) { k := int(i % 2); return append(b, pages[k]...), k },
			}.Drive(ctx, Phase{"board", a.BoardPerSecond, lasts})
			if err != nil {
				note(&failed, "the board beside it: %v", err)
				return
			}
			m := &run.Phases[0]
			t := m.All()
			note(&said, "%d board reads, p99 %.1f ms, %d refused", t.OK, ms(t.Latency.Quantile(0.99)), t.Refused)
			if t.Errors() > 0 {
				note(&failed, "%d board reads failed: %v", t.Errors(), run.Odd)
			}
		})
	}
	return func() (string, []string) {
		all.Wait()
		return strings.Join(said, "; "), failed
	}, nil
}

// roll is a roster of n invented workers, none of them in the demonstration.
func roll(n int) []byte {
	var b bytes.Buffer
	b.WriteString("姓名,身份证号,手机号\n")
	first := time.Date(1962, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, "王晓%c,%s,137%08d\n", '一'+rune(i%5000), ident.MakeMainlandID("330298", first.AddDate(0, 0, i%9000), 1+i/9000), i)
	}
	return b.Bytes()
}
