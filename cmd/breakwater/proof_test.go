package main

import (
	"bytes"
	"compress/zlib"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/internal/storage"
)

// verdict is the answer of credential verify --json.
type verdict struct {
	Valid      bool           `json:"valid"`
	FailedStep *string        `json:"failed_step"`
	Reason     string         `json:"reason"`
	Status     string         `json:"status"`
	Claims     map[string]any `json:"claims"`
}

// verify checks a credential and wants this step to fail, or none.
func (s *site) verify(text, step string, words ...string) verdict {
	s.t.Helper()
	var v verdict
	code := 0
	if step != "" {
		code = 1
	}
	r := s.feed("", append(append([]string{"credential", "verify", "--json", text}, words...), s.store...)...).exit(code).json(&v)
	switch {
	case v.Valid != (step == ""), v.FailedStep == nil && step != "", v.FailedStep != nil && *v.FailedStep != step,
		step != "" && v.Status != "not_checked": // what failed before is not asked of a list
		s.t.Errorf("%v: want the step %q: %s", words, step, r.out)
	}
	return v
}

// furnished is a store with one certified firm of five people; text is its
// certificate.
func furnished(s *site) (text string) {
	s.t.Helper()
	named(s)
	s.write("five.csv", roll(people(0, 5)...))
	srv := s.start("serve")
	s.roster("five.csv", "--firm", firmCode(1))
	text = srv.as("officer").certify(firmCode(1), 5)
	until(s.t, "the seal", func() bool {
		var r report
		s.run("log", "verify", "--json").json(&r)
		return r.OK && r.Unsealed == 0
	})
	srv.stop()
	return text
}

// A certificate is checked on the command line, step by step.
func TestCredential(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	text := furnished(s)

	v := s.verify(text, "")
	if v.Status != "valid" {
		t.Errorf("status %s", v.Status)
	}
	if v.Claims["subject"] != firmCode(1) || v.Claims["kind"] != "firm" || v.Claims["headcount"] != 5.0 || v.Claims["issuer"] != "海湾区" {
		t.Errorf("claims: %v", v.Claims)
	}
	s.feed(text+"\n", append([]string{"credential", "verify", "-"}, s.store...)...).exit(0).has("Valid")
	s.feed("", append([]string{"credential", "verify", text + "0"}, s.store...)...).exit(1).has("Not valid")

	until, err := time.Parse(time.RFC3339, v.Claims["expires"].(string))
	if err != nil {
		t.Fatal(err)
	}
	s.verify(text, "", "--at", until.Add(-time.Second).Format(time.RFC3339))
	if late := s.verify(text, "expiry", "--at", until.Format(time.RFC3339)); late.Claims == nil {
		t.Error("an expired certificate can be named, and is not")
	}
	s.verify(text, "expiry", "--at", "2020-01-01T00:00:00Z")
	s.verify("", "prefix")
	s.verify("HC2:"+text[4:], "prefix")
	s.verify("BW1:ab~", "base45")
	if spoilt := s.verify(tampered(t, text), "signature"); spoilt.Claims != nil {
		t.Error("claims of an unsigned text are shown")
	}

	// Other keys: one alone, and a folder of them.
	s.write("other.pem", otherKey(t))
	s.verify(text, "key", "--trust", "other.pem")
	if err := os.Mkdir(s.path("keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write("keys/other.pem", otherKey(t))
	s.verify(text, "key", "--trust", "keys")
	s.run("credential", "verify", text, "--trust", "absent.pem").exit(1)

	// Trust given, no store is needed, nor made.
	away := newSite(t)
	away.write("other.pem", otherKey(t))
	away.feed("", "credential", "verify", text, "--trust", "other.pem").exit(1)
	away.feed("", "credential", "verify", "--json", text, "--data", "nowhere").exit(1).has(`"failed_step":"key"`)
	away.feed("", "credential", "verify", "--json", "HC2:", "--data", "nowhere").exit(1).has(`"failed_step":"prefix"`)
	away.feed("", "credential", "inspect", text).exit(0).has(firmCode(1)).has("ES256")
	away.feed(text, "credential", "inspect", "--json", "-").exit(0).has(`"scheme":"BW1"`)
	if names := away.files("."); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

// tampered turns one bit of the signature and leaves everything around it whole.
// A statement travels as zlib where that is shorter, which differs from one
// certificate to the next: so it is unpacked first, and packed plainly again.
func tampered(t *testing.T, text string) string {
	t.Helper()
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:" // RFC 9285
	scheme, text := text[:4], text[4:]
	var data []byte
	for ; len(text) > 0; text = text[min(3, len(text)):] {
		n, worth := 0, 1
		for _, c := range text[:min(3, len(text))] {
			n += strings.IndexRune(alphabet, c) * worth
			worth *= 45
		}
		if len(text) > 2 {
			data = append(data, byte(n>>8))
		}
		data = append(data, byte(n))
	}
	if r, err := zlib.NewReader(bytes.NewReader(data)); err == nil {
		if data, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	data[len(data)-1] ^= 1 // the signature is last
	out := scheme
	for ; len(data) > 1; data = data[2:] {
		n := int(data[0])<<8 | int(data[1])
		out += string([]byte{alphabet[n%45], alphabet[n/45%45], alphabet[n/2025]})
	}
	if len(data) == 1 {
		out += string([]byte{alphabet[data[0]%45], alphabet[data[0]/45]})
	}
	return out
}

func otherKey(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// One altered byte is named, whichever engine keeps it.
func TestTamperedFact(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		furnished(s)
		if facts := s.verified(); facts < 5 {
			t.Fatalf("%d facts", facts)
		}
		const seq = 4
		if err := s.open().Write(t.Context(), func(tx *storage.Tx) error {
			var b []byte
			if err := tx.Row(`select bytes from eventlog_fact where seq = $1`, seq).Scan(&b); err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			_, err := tx.Exec(`update eventlog_fact set bytes = $1 where seq = $2`, b, seq)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s.shut()
		var r report
		s.run("log", "verify", "--json").exit(1).json(&r)
		if r.OK || r.FirstBad == nil || *r.FirstBad != seq || r.Reason == "" {
			t.Errorf("%+v", r)
		}
		s.run("log", "verify").exit(1).has("4")
	})
}

// A log put back to yesterday betrays itself only to a checkpoint kept outside.
func TestDroppedTail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	furnished(s)
	s.shut()
	if err := os.CopyFS(s.path("yesterday"), os.DirFS(s.path("data"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.path("yesterday/keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(s.path("yesterday/keys/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if err := os.Chmod(k, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := s.verified()
	s.write("more.csv", roll(people(100, 3)...))
	s.roster("more.csv", "--firm", firmCode(2))
	s.write("kept.txt", []byte(s.run("log", "checkpoint").exit(0).out))
	if after := s.verified("--checkpoint", "kept.txt"); after <= before {
		t.Fatalf("%d facts, then %d", before, after)
	}
	s.store = []string{"--data", "yesterday"}
	s.verified() // by itself it is whole
	var r report
	s.run("log", "verify", "--json", "--checkpoint", "kept.txt").exit(1).json(&r)
	if r.OK || r.Reason == "" {
		t.Errorf("%+v", r)
	}
	s.run("log", "verify", "--checkpoint", "kept.txt").exit(1).has("shorter")
	s.write("false.txt", []byte("breakwater/other\n1\nAAAA\n"))
	s.run("log", "verify", "--checkpoint", "false.txt").exit(1)
	s.run("log", "verify", "--checkpoint", "absent.txt").exit(1)
	s.run("log", "consistency", "kept.txt").exit(1).has("checkpoint")
	s.store = []string{"--data", "data"}
	s.write("later.txt", []byte(s.run("log", "checkpoint").exit(0).out))
	s.run("log", "consistency", "kept.txt").exit(0).has("only grew")
	var proof struct {
		OK                 bool
		Reason, Checkpoint string
		From, To           int64
		Hashes             []string
		Key                string
	}
	s.run("log", "consistency", "--json", "kept.txt", "later.txt").exit(0).json(&proof)
	if !proof.OK || proof.From == 0 || proof.To < proof.From || proof.Key == "" {
		t.Errorf("%+v", proof)
	}
	s.run("log", "consistency", "--json", "false.txt", "later.txt").exit(1).has(`"ok":false`)
}
