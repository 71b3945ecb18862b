package place_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/place"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var now = time.Date(2020, 2, 10, 0, 30, 0, 0, time.UTC)

func write(t *testing.T, db *storage.DB, fn func(tx *storage.Tx) error) error {
	t.Helper()
	return db.Write(t.Context(), fn)
}

// zone makes a small district and returns its places by name.
func zone(t *testing.T, db *storage.DB) map[string]place.Place {
	t.Helper()
	at := map[string]place.Place{}
	if err := write(t, db, func(tx *storage.Tx) error {
		clear(at)
		h, err := place.AddDistrict(tx, place.Home{Place: place.Place{Name: "高新区", NameEN: "High-tech Zone"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans", "en"}}, now)
		if err != nil {
			return err
		}
		at["高新区"] = h.Place
		for _, row := range []struct {
			parent string
			kind   place.Kind
			name   string
		}{
			{"高新区", place.Street, "梅墟街道"},
			{"梅墟街道", place.Community, "梅江社区"},
			{"高新区", place.Park, "软件园"},
			{"软件园", place.Building, "A座"},
			{"A座", place.Site, "三楼"},
			{"软件园", place.Gate, "东门"},
			{"A座", place.Gate, "大堂"},
			{"高新区", place.Building, "临街楼"},
			{"三楼", place.Room, "隔离间"},
		} {
			p, err := place.Add(tx, at[row.parent].ID, row.kind, row.name, now)
			if err != nil {
				return err
			}
			at[row.name] = p
		}
		p, err := place.Add(tx, at["三楼"].ID, place.Gate, "前台", now, place.English("Front desk"), place.BelongingTo("fir_1"))
		at["前台"] = p
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return at
}

func names(places []place.Place) (out []string) {
	for _, p := range places {
		out = append(out, string(p.Kind)+" "+p.Name)
	}
	return out
}

func TestTree(t *testing.T) {
	storagetest.Run(t, []storage.Module{place.Module()}, func(t *testing.T, db *storage.DB) {
		at := zone(t, db)
		got := map[string][]string{}
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			for name, ask := range map[string]func() ([]place.Place, error){
				"chain of 前台":     func() ([]place.Place, error) { return place.Chain(r, at["前台"].ID) },
				"children of 软件园": func() ([]place.Place, error) { return place.Children(r, at["软件园"].ID) },
				"all gates":       func() ([]place.Place, error) { return place.All(r, place.Gate) },
				"of fir_1":        func() ([]place.Place, error) { return place.Of(r, "fir_1") },
				"of nobody":       func() ([]place.Place, error) { return place.Of(r, "") },
			} {
				found, err := ask()
				if err != nil {
					return err
				}
				got[name] = names(found)
			}
			park, err := place.Nearest(r, at["前台"].ID, place.Park)
			if err != nil {
				return err
			}
			if !at["前台"].Within(park.ID) || park.Within(at["前台"].ID) {
				t.Error("前台 is within its park, and not the other way round")
			}
			h, err := place.District(r)
			if err != nil {
				return err
			}
			if d := cmp.Diff([]string{"高新区", "High-tech Zone", "High-tech Zone", "Asia/Shanghai", "zh-Hans,en"},
				[]string{h.In("zh-Hans"), h.In("en"), h.NameEN, h.Location().String(), strings.Join(h.Languages, ",")}); d != "" {
				t.Error(d)
			}
			desk, err := place.Find(r, at["三楼"].ID, place.Gate, "前台")
			if err != nil {
				return err
			}
			if d := cmp.Diff(at["前台"], desk); d != "" {
				t.Error("stored is not what Add returned:\n", d)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := map[string][]string{
			"chain of 前台":     {"gate 前台", "site 三楼", "building A座", "park 软件园", "district 高新区"},
			"children of 软件园": {"building A座", "gate 东门"},
			"all gates":       {"gate 东门", "gate 大堂", "gate 前台"},
			"of fir_1":        {"gate 前台"},
			"of nobody":       nil,
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	storagetest.Run(t, []storage.Module{place.Module()}, func(t *testing.T, db *storage.DB) {
		at := zone(t, db)
		for _, c := range []struct {
			what    string
			parent  string
			kind    place.Kind
			name    string
			details []place.Detail
			want    string
		}{
			{what: "a gate with no park above", parent: at["临街楼"].ID, kind: place.Gate, name: "门", want: "invalid: place.invalid [parent place.misplaced]"},
			{what: "a gate on a street", parent: at["梅墟街道"].ID, kind: place.Gate, name: "门", want: "invalid: place.invalid [parent place.misplaced]"},
			{what: "a park in a room", parent: at["隔离间"].ID, kind: place.Park, name: "园", want: "invalid: place.invalid [parent place.misplaced]"},
			{what: "a second root", parent: "", kind: place.DistrictKind, name: "又一区", want: "not_found: place.unknown"},
			{what: "a district below", parent: at["高新区"].ID, kind: place.DistrictKind, name: "又一区", want: "invalid: place.invalid [parent place.misplaced]"},
			{what: "no parent", parent: "pla_none", kind: place.Park, name: "园", want: "not_found: place.unknown"},
			{what: "unknown kind", parent: at["高新区"].ID, kind: "castle", name: "堡", want: "invalid: place.invalid [kind place.unknown_kind]"},
			{what: "same sibling", parent: at["软件园"].ID, kind: place.Gate, name: "东门", want: "conflict: place.exists"},
			{what: "no name", parent: at["软件园"].ID, kind: place.Gate, name: " ", want: "invalid: place.invalid [name place.name]"},
			{what: "line break", parent: at["软件园"].ID, kind: place.Gate, name: "东\n门", want: "invalid: place.invalid [name place.name]"},
			{what: "long name", parent: at["软件园"].ID, kind: place.Gate, name: strings.Repeat("门", 81), want: "invalid: place.invalid [name place.name]"},
			{what: "a firm's park", parent: at["高新区"].ID, kind: place.Park, name: "园", details: []place.Detail{place.BelongingTo("fir_1")}, want: "invalid: place.invalid [organisation place.organisation]"},
		} {
			err := write(t, db, func(tx *storage.Tx) error {
				_, err := place.Add(tx, c.parent, c.kind, c.name, now, c.details...)
				return err
			})
			if got := said(err); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		}
		// The same name serves another parent and another kind.
		if err := write(t, db, func(tx *storage.Tx) error {
			if _, err := place.Add(tx, at["A座"].ID, place.Gate, "东门", now); err != nil {
				return err
			}
			_, err := place.Add(tx, at["软件园"].ID, place.Building, "东门", now)
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestDistrict(t *testing.T) {
	storagetest.Run(t, []storage.Module{place.Module()}, func(t *testing.T, db *storage.DB) {
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			_, err := place.District(r)
			return err
		}); !fault.Is(err, "place.no_district") {
			t.Errorf("an empty store: %v", err)
		}
		good := place.Home{Place: place.Place{Name: "高新区"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans"}}
		add := func(edit func(*place.Home)) string {
			h := good
			edit(&h)
			return said(write(t, db, func(tx *storage.Tx) error { _, err := place.AddDistrict(tx, h, now); return err }))
		}
		got := []string{
			add(func(h *place.Home) { h.Zone = "Asia/Ningbo" }),
			add(func(h *place.Home) { h.Zone = "Local" }),
			add(func(h *place.Home) { h.Languages = nil }),
			add(func(h *place.Home) { h.Name = "" }),
			add(func(*place.Home) {}),
			add(func(h *place.Home) { h.Name = "另一区" }),
		}
		want := []string{
			"invalid: place.invalid [zone place.zone]", "invalid: place.invalid [zone place.zone]",
			"invalid: place.invalid [languages place.languages]", "invalid: place.invalid [name place.name]",
			"", "conflict: place.district_exists",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
