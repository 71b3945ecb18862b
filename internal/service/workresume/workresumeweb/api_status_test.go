package workresumeweb_test

import (
	"encoding/hex"
	"net/http"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/service/workresume"
)

// Anyone fetches the list that a certificate names, keeps it by its tag, and from
// then on only what changed.
func TestStatusListOverHTTP(t *testing.T) {
	w := newAPIWorld(t)
	ctx := t.Context()
	f, _, _ := w.certified(2)
	text := f.Certificate.Text
	at := credential.Inspect(text).Claims.Status.URI[len("https://example.test"):]

	nobody := w.by(auth.Principal{})
	fetch := func(status int, path string, head ...string) (body []byte, h http.Header) {
		t.Helper()
		a := nobody.Send("GET", path, "", nil, head...).Want(t, status)
		return []byte(a.Body), a.Header
	}
	body, head := fetch(200, at)
	if head.Get("Content-Type") != statuslist.TypeList || head.Get("Cache-Control") != "public, max-age=5" {
		t.Error(head)
	}
	held, err := statuslist.Open(body, w.Trust, w.Clock())
	apiMust(t, err)
	if r := credential.Verify(text, w.Trust, w.Clock(), held.At(w.Clock())); !r.Valid || r.Status != credential.StatusValid {
		t.Errorf("%+v", r)
	}
	body304, same := fetch(304, at, "If-None-Match", `"other", W/`+head.Get("ETag"))
	if len(body304) != 0 || same.Get("ETag") != head.Get("ETag") || same.Get("Cache-Control") != head.Get("Cache-Control") || same.Get("Vary") != "Accept" {
		t.Error(same)
	}
	fetch(200, at, "If-None-Match", `"other"`)
	if _, h := fetch(200, at, "Accept", statuslist.TypeJWT); h.Get("Content-Type") != statuslist.TypeJWT || h.Get("ETag") == head.Get("ETag") {
		t.Error(h)
	}

	_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "核实不符"})
	apiMust(t, err)
	apiMust(t, w.Status.Publish(ctx))
	digest := held.Digest()
	body, head = fetch(200, at+"/delta?base="+hex.EncodeToString(digest[:]))
	if head.Get("Content-Type") != statuslist.TypeDelta || len(body) > 400 {
		t.Error(len(body), head)
	}
	d, err := statuslist.OpenDelta(body, w.Trust, w.Clock())
	apiMust(t, err)
	held, err = held.Apply(d)
	apiMust(t, err)
	if r := credential.Verify(text, w.Trust, w.Clock(), held.At(w.Clock())); r.Valid || r.Status != credential.Revoked || r.Reason != "credential.revoked" {
		t.Errorf("%+v", r)
	}
	nobody.JSON("POST", "/api/v1/credentials/verify", "", map[string]string{"text": text}).Want(t, 200, `"failed_step":"status"`, `"status":"revoked"`)

	w.get(auth.Principal{}, "/api/v1/status/9").Want(t, 404, "statuslist.unknown")
	w.get(auth.Principal{}, "/api/v1/status/x").Want(t, 422)
	w.get(auth.Principal{}, at+"/delta").Want(t, 422, "api.not_a_digest")
	w.get(auth.Principal{}, at+"/delta?base="+hex.EncodeToString(make([]byte, 32))).Want(t, 404, "statuslist.base_unknown")
}
