package app

import (
	"testing"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// A firm that claims its file says in which park it works, and release puts it there
// unless the district knows better: without a park its people pass no park's gate.
func TestClaimNamesThePark(t *testing.T) {
	s := newStreet(t)
	ctx := t.Context()
	var parks []place.Place
	if err := s.DB.Read(ctx, func(r storage.Reader) (err error) {
		parks, err = place.All(r, place.Park)
		return err
	}); err != nil || len(parks) < 2 {
		t.Fatalf("%d parks, %v", len(parks), err)
	}
	here, there := parks[0].ID, parks[1].ID
	officer := auth.Principal{ID: "acc_district", Role: auth.Officer, Scope: auth.District(s.Home.ID)}
	for _, c := range []struct{ name, root, known, claimed, want string }{
		{"unknown to the district", "91990201BBBBBBBB1", "", here, here},
		{"in a building of its own", "91990201BBBBBBBB2", "", auth.NoPark, ""},
		{"known, in no park", "91990201BBBBBBBB3", "none", here, here},
		{"known, in another park", "91990201BBBBBBBB4", there, here, there},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := ident.MakeCreditCode(c.root)
			if c.known != "" {
				in := workresume.RegisterInput{CreditCode: code, Name: "潮生试验有限公司"}
				if c.known != "none" {
					in.Park = c.known
				}
				if _, err := s.Resume.Register(ctx, auth.Operator(), in); err != nil {
					t.Fatal(err)
				}
			}
			claim, err := s.Auth.ClaimFirm(ctx, auth.ClaimInput{CreditCode: code, FirmName: "潮生试验有限公司", Park: c.claimed, Contact: "林经理", Phone: "0574-88880001", Password: "three waves one wall"}, auth.Client{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Auth.ReleaseClaim(ctx, officer, claim.ID); err != nil {
				t.Fatal(err)
			}
			f, err := s.Resume.FirmByCode(ctx, auth.Operator(), code)
			if err != nil || f.Park != c.want {
				t.Errorf("lies in %q, want %q: %v", f.Park, c.want, err)
			}
		})
	}
}
