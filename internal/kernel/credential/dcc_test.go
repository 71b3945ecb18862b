package credential

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// vector is one file of the European test-data repository. A false or true
// expectation is asked of our chain from the QR text on; nil is not asked.
type vector struct {
	Prefix string         `json:"PREFIX"`
	JSON   map[string]any `json:"JSON"`
	Ctx    struct {
		Certificate string `json:"CERTIFICATE"`
		Clock       string `json:"VALIDATIONCLOCK"`
		Description string `json:"DESCRIPTION"`
	} `json:"TESTCTX"`
	Expect struct {
		Unprefix    *bool `json:"EXPECTEDUNPREFIX"`
		Base45      *bool `json:"EXPECTEDB45DECODE"`
		Compression *bool `json:"EXPECTEDCOMPRESSION"`
		Decode      *bool `json:"EXPECTEDDECODE"`
		Verify      *bool `json:"EXPECTEDVERIFY"`
		JSON        *bool `json:"EXPECTEDVALIDJSON"`
		KeyUsage    *bool `json:"EXPECTEDKEYUSAGE"`
		Expiry      *bool `json:"EXPECTEDEXPIRATIONCHECK"`
	} `json:"EXPECTEDRESULTS"`
}

// TestEuropeanVectors runs the member states' public vectors where a checkout
// of dgc-testdata is at hand: DCC_TESTDATA=DIR go test -run EuropeanVectors.
// The vectors of this package itself are made by its own keys.
func TestEuropeanVectors(t *testing.T) {
	dir := os.Getenv("DCC_TESTDATA")
	if dir == "" {
		t.Skip("DCC_TESTDATA is not set: the member states' vectors were NOT run")
	}
	order := map[string]int{}
	for i, s := range []string{StepPrefix, StepBase45, StepCompression, StepCBOR, StepCOSE, StepKey, StepSignature, StepKeyUsage, StepExpiry, StepStatus} {
		order[s] = i
	}
	ran, wrong, differ := 0, 0, 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".json") || !strings.Contains(name, "raw") {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var v vector
		if json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &v) != nil || v.Prefix == "" {
			return nil
		}
		trust := NewTrust()
		if der, err := base64.StdEncoding.DecodeString(v.Ctx.Certificate); err == nil && len(der) > 0 {
			cert, err := x509.ParseCertificate(der)
			if err == nil {
				err = trust.AddCertificate(cert)
			}
			if err != nil {
				t.Logf("%s: certificate: %v", name, err)
			}
		}
		at := clockOf(v.Ctx.Clock)
		r := Verify(v.Prefix, trust, at, nil)
		failed := len(order)
		if r.FailedStep != nil {
			failed = order[*r.FailedStep]
		}
		ran++
		// An expectation of true means the chain came past that step; false, that it stopped there or before.
		for _, e := range []struct {
			want *bool
			step string
		}{
			{v.Expect.Unprefix, StepPrefix},
			{v.Expect.Base45, StepBase45},
			{v.Expect.Compression, StepCompression},
			{v.Expect.Decode, StepCBOR},
			{v.Expect.Verify, StepSignature},
			{v.Expect.KeyUsage, StepKeyUsage},
			{v.Expect.Expiry, StepExpiry},
		} {
			if e.want == nil || at.IsZero() && e.step == StepExpiry {
				continue
			}
			if e.step == StepExpiry && failed == order[StepKeyUsage] && v.Expect.KeyUsage == nil {
				t.Logf("%s: refused by its key's usage, of which the file says nothing", name)
				continue
			}
			if passed := failed > order[e.step]; passed != *e.want {
				wrong++
				step := ""
				if r.FailedStep != nil {
					step = *r.FailedStep
				}
				t.Logf("%s: %s want %v; failed at %q %s (%s) at %s %+v", name, e.step, *e.want, step, r.Reason, v.Ctx.Description, v.Ctx.Clock, r.Claims)
				break
			}
			if !*e.want { // what the file says of later steps is out of the chain's reach
				break
			}
		}
		if v.Expect.JSON != nil && *v.Expect.JSON && r.Claims != nil {
			if diff := cmp.Diff(v.JSON, again(t, r.Claims.HCert)); diff != "" {
				// Some files' JSON is not what was signed, or writes a moment another way.
				t.Logf("%s: content differs: %s", name, diff)
				differ++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d vectors, %d not as expected, %d of other content than their JSON", ran, wrong, differ)
	if ran == 0 || wrong > 0 {
		t.Fail()
	}
}

// again passes a value through JSON, as a caller of the API sees it.
func again(t *testing.T, v any) (out map[string]any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// clockOf reads the several ways the files write a time; those without a zone
// mean some local one, and are taken as UTC.
func clockOf(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	return time.Time{}
}
