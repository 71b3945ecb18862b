package workresumeweb_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/web/api"
	"breakwater/internal/web/webtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDocument holds openapi.json to what it was: a change that programs would
// notice is seen in review.
func TestDocument(t *testing.T) {
	w := newAPIWorld(t)
	a := w.get(auth.Principal{}, api.Document).Want(t, 200, `"openapi":"3.1.0"`)
	var got bytes.Buffer
	apiMust(t, json.Indent(&got, []byte(a.Body), "", "  "))
	name := filepath.Join("testdata", "openapi.json")
	if *update {
		apiMust(t, os.WriteFile(name, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(name)
	apiMust(t, err)
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("the document changed; run go test with -update if that is meant:\n%s", d)
	}
}

func TestReferencePage(t *testing.T) {
	w := newAPIWorld(t)
	for lang, word := range map[string]string{"en": "For programs", "zh-Hans": "程序接口"} {
		c := webtest.Caller{T: t, Site: w.site, Lang: lang}
		c.Get("/api").Want(t, 200, word, "checkAtGate", "/api/v1/gate/checks", "short_code")
	}
}

// TestEveryRoute sweeps: nobody, the wrong role, another tenant, another site,
// text without end.
func TestEveryRoute(t *testing.T) {
	w := newAPIWorld(t)
	foreign, _ := w.firm(w.park)
	own, _ := w.firm(w.park)
	webtest.Sweep{
		Site: w.site, Routes: w.routes, Grants: w.grants, Foreign: map[string]string{"firm": foreign.ID},
		As: func(r *http.Request, role auth.Role) {
			p := auth.Principal{ID: "acc_1", Role: role, Scope: auth.OfFirm(own.ID)}
			if role == auth.Officer {
				p = w.officer
			}
			w.as(p)(r)
		},
	}.Run(t)
}

func TestResumption(t *testing.T) {
	w := newAPIWorld(t)
	f, office := w.firm(w.park)
	path := "/api/v1/firms/" + f.ID
	var got struct {
		State, Name string
		Decision    *struct {
			Outcome  string
			Findings []struct{ Rule, Reason, Mend string }
		}
		Certificate *struct{ ID, Code, Credential, URL, Issued, Until string }
	}
	w.get(office, path).Want(t, 200, `"state":"unfiled"`, `"decision":null`, `"certificate":null`)
	w.by(office).JSON("POST", path+"/filing", "", apiFiling(2)).Want(t, 200).Decode(t, &got)
	if got.State != "returned" || got.Decision == nil || len(got.Decision.Findings) == 0 || got.Decision.Findings[0].Mend == "" {
		t.Fatalf("%+v", got)
	}
	c := w.by(office)
	c.Lang = "zh-Hans"
	zh := c.Send("GET", path, "", nil, "Accept", "application/json").Want(t, 200, "名册")
	if zh.Header.Get("Content-Language") != "zh-Hans" {
		t.Error(zh.Header)
	}
	w.upload(office, path+"/imports?name=r.csv", "", w.roll(2)).Want(t, 200, `"accepted":2`)
	w.get(w.officer, "/api/v1/firms/"+f.CreditCode).Want(t, 200).Decode(t, &got)
	if got.State != "certified" || got.Certificate == nil || !strings.HasPrefix(got.Certificate.Credential, "BW1:") {
		t.Fatalf("%+v", got)
	}
	w.get(auth.Principal{}, "/api/v1/certificates/"+got.Certificate.Code).Want(t, 200, `"valid":true`, f.Name)
	w.by(auth.Principal{}).JSON("POST", "/api/v1/credentials/verify", "", map[string]string{"text": got.Certificate.Credential}).
		Want(t, 200, `"valid":true`, `"failed_step":null`, `"status":"valid"`, f.CreditCode)
	w.by(auth.Principal{}).JSON("POST", "/api/v1/credentials/verify", "", map[string]string{"text": got.Certificate.Credential, "at": "2021-01-01T00:00:00+08:00"}).
		Want(t, 200, `"valid":false`, `"failed_step":"expiry"`, `"reason_code":"credential.expired"`)
	w.get(w.officer, "/api/v1/summary").Want(t, 200, `"certified":1`, `"back":2`)
	w.get(w.officer, "/api/v1/firms?state=certified&q="+f.CreditCode[:9]).Want(t, 200, f.ID, `"next":""`)
	w.get(w.distant, "/api/v1/firms/"+f.CreditCode).Want(t, 404)
	w.get(office, path+"/members").Want(t, 200, `"id_number":"3302**********`, `"left":null`)
	w.get(office, path+"/notices").Want(t, 200, `"code":"workresume.told_certified"`)
}

// TestRefusals are requests that cannot be read or hold what nobody asked for.
func TestRefusals(t *testing.T) {
	w := newAPIWorld(t)
	f, office := w.firm(w.park)
	path := "/api/v1/firms/" + f.ID + "/filing"
	for _, c := range []struct {
		kind, body string
		status     int
		want       string
	}{
		{"application/json", `{"class":`, 400, `"code":"fault.malformed"`},
		{"application/json", `{} {}`, 400, `"code":"fault.malformed"`},
		{"application/json", `{"klass":"priority"}`, 422, `{"field":"klass","code":"fault.unknown_field"`},
		{"application/json", `{"masks":"many"}`, 422, `{"field":"masks","code":"fault.wrong_type"`},
		{"application/json", `{"signatory":"` + strings.Repeat("王", 201) + `"}`, 422, `{"field":"signatory","code":"fault.too_long"`},
		{"application/json", `{}`, 422, `{"field":"declared_headcount","code":"workresume.out_of_range"`},
		{"", `{}`, 422, `"code":"fault.fields"`},
		{"application/x-www-form-urlencoded", `class=priority`, 400, `"code":"api.want_json"`},
		{"application/json", `{"signatory":"` + strings.Repeat("x", 70_000) + `"}`, 413, `"code":"fault.too_large"`},
	} {
		a := w.by(office).Send("POST", path, c.kind, strings.NewReader(c.body)).Want(t, c.status, c.want, `"instance":"urn:breakwater:reference:`)
		if kind := a.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
			t.Errorf("%s: Content-Type %q", c.body[:min(len(c.body), 20)], kind)
		}
	}
	w.by(w.officer).JSON("POST", "/api/v1/firms/"+f.ID+"/decision", "", map[string]string{"reason": "忘了写状态"}).Want(t, 422, `"code":"workresume.state_unknown"`)
	w.by(auth.Principal{}).JSON("POST", "/api/v1/credentials/verify", "", map[string]string{"text": "BW1:", "at": "today"}).Want(t, 422, `"code":"api.not_a_time"`)
	w.get(office, "/api/v1/firms/"+f.ID+"/members?left=perhaps").Want(t, 422, `"field":"left"`)
	w.get(office, "/api/v1/nothing").Want(t, 404, `"code":"fault.not_found"`)
	at := auth.Principal{ID: "acc_park", Role: auth.Guard, Scope: auth.Park(w.park.ID)}
	w.by(at).JSON("POST", "/api/v1/gate/count", "", map[string]any{"number": 1, "reason": "清点"}).Want(t, 422, `"code":"api.gate_missing"`)
	w.by(at).JSON("POST", "/api/v1/gate/count", "", map[string]any{"gate": w.gate.ID, "reason": "清点"}).Want(t, 422, `"field":"number"`)
}

func TestUploads(t *testing.T) {
	w := newAPIWorld(t)
	f, office := w.firm(w.park)
	path := "/api/v1/firms/" + f.ID + "/imports"
	bad := append(w.roll(2), "王小明,330299199001011234,138\n"...)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	apiMust(t, m.WriteField("dry_run", "true"))
	part, err := m.CreateFormFile("file", "名册.csv")
	apiMust(t, err)
	_, _ = part.Write(bad)
	apiMust(t, m.Close())
	w.by(office).Send("POST", path, m.FormDataContentType(), &b).Want(t, 200, `"dry_run":true`, `"state":"done"`, `"file":"名册.csv"`, `"accepted":2`, `"rejected":1`, `"reason":"`)
	w.get(office, "/api/v1/firms/"+f.ID).Want(t, 200, `"roster":0`)
	var im struct {
		ID     string
		Errors []struct {
			Row                         int
			Column, Code, Value, Reason string
		}
	}
	w.upload(office, path+"?name=r.csv", "", bad).Want(t, 200, `"accepted":2`, `"rejected":1`).Decode(t, &im)
	if len(im.Errors) == 0 || im.Errors[0].Row != 4 || strings.Contains(im.Errors[0].Value, "1990010112") || strings.Contains(im.Errors[0].Reason, "{") {
		t.Errorf("%+v", im.Errors)
	}
	w.upload(office, path+"?name=r.csv", "", bad).Want(t, 200, `"unchanged":2`, `"accepted":0`)
	w.get(office, "/api/v1/imports/"+im.ID).Want(t, 200, im.ID)
	w.get(office, path).Want(t, 200, im.ID)
	w.upload(office, path+"?name=r.xls", "", []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}).Want(t, 200, `"state":"refused"`, `"refused":{"code":"roster.`)
	w.by(office).Send("POST", path, "", nil).Want(t, 422, `"field":"file"`)
}

// TestProof lets a firm prove its own decision with nothing but the log's key.
func TestProof(t *testing.T) {
	w := newAPIWorld(t)
	f, office, _ := w.certified(1)
	_, alien := w.firm(w.park)
	_, err := w.log.Checkpoint(t.Context())
	apiMust(t, err)
	var list struct {
		Facts []struct {
			ID, Name, Title string
			Seq             *int64
		}
	}
	w.get(office, "/api/v1/firms/"+f.ID+"/facts").Want(t, 200).Decode(t, &list)
	verifier, err := note.NewVerifier(w.key)
	apiMust(t, err)
	seen := map[string]bool{}
	for _, x := range list.Facts {
		path := "/api/v1/log/facts/" + x.ID + "/proof"
		var p struct {
			eventlog.Proof
			Key string
		}
		w.get(office, path).Want(t, 200, `"state":"sealed"`).Decode(t, &p)
		apiMust(t, eventlog.VerifyProof(p.Proof, verifier))
		if decided := x.Name == "workresume.decided"; decided && p.Record == nil || x.Name == "workresume.imported" && p.Record != nil {
			t.Errorf("%s: record shown: %v", x.Name, p.Record != nil)
		}
		if x.Title == x.Name || x.Seq == nil || p.Key != w.key {
			t.Errorf("%+v", x)
		}
		seen[x.Name] = true
		p.Hashes = append([]tlog.Hash{{1}}, p.Hashes...)
		if eventlog.VerifyProof(p.Proof, verifier) == nil {
			t.Error("a proof with another path holds")
		}
		w.get(alien, path).Want(t, 404, `"code":"eventlog.no_fact"`)
		w.get(w.distant, path).Want(t, 404)
		w.get(w.guard, path).Want(t, 403)
		w.get(w.auditor, path).Want(t, 200, `"record":"`)
	}
	if !seen["workresume.decided"] || !seen["workresume.imported"] {
		t.Errorf("facts %v", seen)
	}
	w.get(w.auditor, "/api/v1/log/facts/fct_0/proof").Want(t, 404)
	w.get(w.guard, "/api/v1/log/checkpoint").Want(t, 200, `"checkpoint":"test\n`)
}

func TestCodeAndGate(t *testing.T) {
	w := newAPIWorld(t)
	f, office, _ := w.certified(1)
	worker := w.worker(office, 0)
	var code struct {
		State, Reason, Credential string
		ReasonCode                string `json:"reason_code"`
		ShortCode                 string `json:"short_code"`
		Until                     *string
	}
	w.get(worker, "/api/v1/me/code").Want(t, 200, `"reason_code":"workresume.code_valid"`, f.Name).Decode(t, &code)
	if code.State != "valid" || code.Until == nil || code.ShortCode == "" {
		t.Fatalf("%+v", code)
	}
	check := func(body map[string]any) webtest.Answer {
		return w.by(w.guard).JSON("POST", "/api/v1/gate/checks", "", body).Want(t, 200)
	}
	check(map[string]any{"text": code.Credential, "direction": "in"}).Want(t, 200, `"admit":true`, `"inside":1`)
	check(map[string]any{"short_code": strings.ToLower(code.ShortCode), "direction": "in"}).Want(t, 200, `"code":"repeat"`, `"inside":1`)
	check(map[string]any{"text": "nonsense", "direction": "in"}).Want(t, 200, `"admit":false`, `"code":"unreadable"`)
	w.get(w.guard, "/api/v1/gate").Want(t, 200, `"inside":1`, w.gate.ID)
	w.by(w.officer).JSON("POST", "/api/v1/firms/"+f.ID+"/decision", "", map[string]string{"state": "refused", "reason": "现场不符"}).Want(t, 200, `"certificate":null`)
	w.get(worker, "/api/v1/me/code").Want(t, 200, `"state":"stopped"`, `"until":null`, `"credential":""`)
	check(map[string]any{"text": code.Credential, "direction": "in"}).Want(t, 200, `"code":"suspended"`)
	check(map[string]any{"text": code.Credential, "direction": "out"}).Want(t, 200, `"admit":true`, `"inside":0`)
}
