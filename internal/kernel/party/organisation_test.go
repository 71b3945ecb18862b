package party_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

func TestOrganisations(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		code := ident.MakeCreditCode("91330201MA2AF0001")
		firm := party.Organisation{CreditCode: strings.ToLower(code), Name: " 宁波明州阀门  有限公司", Place: "pla_1", Street: "聚贤路 1 号", Industry: "C34", Phone: "0574-87654321"}
		add := func(o party.Organisation) (out party.Organisation, created bool, err error) {
			err = p.write(func(tx *storage.Tx) (err error) {
				out, created, err = p.AddOrganisation(tx, o, now)
				return err
			})
			return out, created, err
		}
		o, created, err := add(firm)
		if err != nil || !created {
			t.Fatal(created, err)
		}
		want := party.Organisation{ID: o.ID, CreditCode: code, Name: "宁波明州阀门 有限公司", Place: "pla_1", Street: "聚贤路 1 号", Industry: "C34", At: now}
		second, created, err := add(party.Organisation{CreditCode: code, Name: "another name"})
		if err != nil || created {
			t.Error(created, err)
		}
		if d := cmp.Diff([]party.Organisation{want, want}, []party.Organisation{o, second}); d != "" {
			t.Error(d)
		}
		if _, _, err := add(party.Organisation{CreditCode: code[:17] + "?", Name: ""}); said(err) != "invalid: party.organisation_invalid [credit_code ident.credit_code.alphabet] [name party.name]" {
			t.Error(err)
		}
		other, _, err := add(party.Organisation{CreditCode: ident.MakeCreditCode("91330201MA2AF0002"), Name: "Ningbo 100%_Cotton Ltd"})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.write(func(tx *storage.Tx) error {
			return p.UpdateOrganisation(tx, party.Organisation{ID: other.ID, CreditCode: "ignored", Name: other.Name, Place: "pla_2"}, now)
		}); err != nil {
			t.Fatal(err)
		}
		p.read(func(r storage.Reader) error {
			phone, err := p.Contact(r, o.ID)
			if err != nil {
				return err
			}
			silent, err := p.Contact(r, other.ID)
			if err != nil {
				return err
			}
			if phone != "0574-87654321" || silent != "" {
				t.Errorf("phones %q, %q", phone, silent)
			}
			if _, err := p.Contact(r, "fir_none"); !fault.Is(err, "party.organisation_unknown") {
				t.Error(err)
			}
			found, ok, err := p.FindCode(r, " "+code)
			if err != nil || !ok || found.ID != o.ID {
				t.Error(found, ok, err)
			}
			if _, ok, err := p.FindCode(r, "nonsense"); ok || err != nil {
				t.Error(ok, err)
			}
			for _, c := range []struct {
				text string
				want []party.ID
			}{{"阀门", []party.ID{o.ID}}, {"0%_c", []party.ID{other.ID}}, {"0__c", nil}, {"", []party.ID{o.ID, other.ID}}} {
				found, err := p.SearchOrganisations(r, c.text, "", 10)
				if err != nil {
					return err
				}
				var ids []party.ID
				for _, f := range found {
					ids = append(ids, f.ID)
				}
				if d := cmp.Diff(c.want, ids); d != "" {
					t.Errorf("%q: %s", c.text, d)
				}
			}
			inPark, err := p.InPlace(r, "pla_2", "", 10)
			if err != nil {
				return err
			}
			both, err := p.Organisations(r, o.ID, other.ID, "fir_none")
			if len(inPark) != 1 || inPark[0].ID != other.ID || len(both) != 2 {
				t.Errorf("in the park %v, both %v", inPark, both)
			}
			return err
		})
	})
}
