package workresumeweb

import "testing"

// What a spreadsheet would run stands behind an apostrophe, however it is begun.
func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "宁波某厂": "宁波某厂", "1-2": "1-2", "—": "—",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@sum": "'@sum",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠a": "'＠a",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "\ta": "'\ta", "\n=1": "'\n=1", " =1": "' =1", "\u3000＝1": "'\u3000＝1", "\ufeff=1": "'\ufeff=1",
	} {
		if got := harmless(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
