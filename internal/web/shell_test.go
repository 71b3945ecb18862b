package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// A shell with its values is the page, compressed and not, whatever the values are.
func TestShell(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 1<<13) // longer than one block holds
	for _, x := range []struct {
		page   string
		values []string
		want   string
	}{
		{"", nil, ""},
		{"nothing differs", nil, "nothing differs"},
		{Mark(0), []string{""}, ""},
		{Mark(0), []string{long}, long},
		{"<b>" + Mark(1) + "</b>" + Mark(0) + Mark(1) + "!", []string{"zero", "一"}, "<b>一</b>zero一!"},
		{strings.Repeat("<p>"+Mark(0)+"</p>\n", 100), []string{long[:70000]}, strings.Repeat("<p>"+long[:70000]+"</p>\n", 100)},
	} {
		s := cut([]byte(x.page))
		if got := string(s.Append(nil, x.values)); got != x.want {
			t.Errorf("%.40q: %.80q", x.page, got)
		}
		z, err := gzip.NewReader(bytes.NewReader(s.AppendGzip([]byte{}, x.values)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z) // also checks the sum and the length
		if err != nil || string(got) != x.want {
			t.Errorf("%.40q compressed: %.80q, %v", x.page, got, err)
		}
	}
}
