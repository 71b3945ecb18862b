package ration_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
)

func city(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("campaign", name+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCities(t *testing.T) {
	files, err := filepath.Glob("campaign/*.toml")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d cities, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".toml")
		c, err := ration.ReadCampaign(city(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.ID != name+"-2020" || len(c.Digest) != 64 {
			t.Errorf("%s: id %s, digest %s", name, c.ID, c.Digest)
		}
	}
}

// What a file says wrongly is said with its line, all of it at once.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ city, old, new, want string }{
		{"guangzhou", `pieces = 5`, `pieces = 0`, `share ration.file_share_none 16`},
		{"nanhai-firms", `[share]`, "[share]\npieces = 5", `share ration.file_share 29`},
		{"guangzhou", `days = 3`, `days = 63`, `again.days ration.file_range 26`},
		{"guangzhou", `counts = "person"`, `counts = "firm"`, `who.counts ration.file_counts 14`},
		{"guangzhou", `queue = true`, `roll_over = true`, `give ration.file_lot_only 19`},
		{"guangzhou", `queue = true`, `queue = true` + "\nfast = true", `give.fast rule.unknown_key 24`},
		{"guangzhou", `piece = { en = "mask", zh-Hans = "只" }`, `piece = { en = "mask" }`, `item.piece.zh-Hans rule.text_missing 9`},
		{"xiamen", `require = "resident || insured"`, `require = "resident || insurd"`, `who.rules.rule.here.require rule.expression_unknown 35`},
		{"xiamen", `name = "insured"` + "\n" + `type = "bool"` + "\n" + `title = { en = "Is`, `name = "insured_"` + "\n" + `type = "bool"` + "\n" + `title = { en = "Is`, `who.rules ration.file_fact 15`},
		{"nanhai-firms", `of = "returned"`, `of = "certified"`, `share.least ration.file_fact 30`},
	} {
		text := strings.Replace(string(city(t, c.city)), c.old, c.new, 1)
		_, err := ration.ReadCampaign([]byte(text))
		f := fault.As(err)
		if f == nil || len(f.Fields) != 1 {
			t.Errorf("%s → %s: %v", c.old, c.new, err)
			continue
		}
		got := f.Fields[0].Name + " " + f.Fields[0].Code + " " + fmtInt(f.Fields[0].Args["line"])
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.new, d)
		}
	}
}

func FuzzReadCampaign(f *testing.F) {
	for _, name := range []string{"guangzhou", "zhuhai-firms", "nanhai-firms"} {
		f.Add(city(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ration.ReadCampaign(data)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v and %v", c, err)
		}
		if c != nil {
			c.Entitled(map[string]any{"returned": int64(3)})
		}
	})
}

func fmtInt(v any) string {
	n, _ := v.(int)
	return strconv.Itoa(n)
}
