package statuslist

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var noon = time.Date(2020, 3, 2, 4, 0, 0, 0, time.UTC)

type signer struct {
	kid   []byte
	key   *ecdsa.PrivateKey
	trust *credential.Trust
}

func newSigner(t testing.TB, curve elliptic.Curve) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	ok(t, err)
	s := &signer{[]byte{1, 2, 3, 4, 5, 6, 7, byte(len(curve.Params().Name))}, key, credential.NewTrust()}
	ok(t, s.trust.AddOwn(s.kid, &key.PublicKey))
	return s
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type world struct {
	*Store
	*signer
	t    *testing.T
	db   *storage.DB
	hand *clock.Hand
}

func both(t *testing.T, fn func(w *world)) {
	storagetest.Run(t, []storage.Module{Module()}, func(t *testing.T, db *storage.DB) {
		w := &world{signer: newSigner(t, elliptic.P256()), t: t, db: db, hand: clock.NewHand(noon)}
		w.reopen()
		fn(w)
	})
}

// reopen is the program started again.
func (w *world) reopen() {
	w.Store = New(w.db, func() ([]byte, *ecdsa.PrivateKey) { return w.kid, w.signer.key }, w.hand.Now, func() string { return "https://example.test" })
}

func (w *world) allot() Ref {
	w.t.Helper()
	r, err := w.Allot(w.t.Context(), w.hand.Now().Add(24*time.Hour))
	ok(w.t, err)
	return r
}

func (w *world) set(state State, refs ...Ref) {
	w.t.Helper()
	ok(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) error { return w.Set(tx, state, refs...) }))
}

func (w *world) current(list int64) *Token {
	w.t.Helper()
	ok(w.t, w.Publish(w.t.Context()))
	doc, err := w.Current(w.t.Context(), list, false)
	ok(w.t, err)
	tok, err := Open(doc.Body, w.trust, w.hand.Now())
	ok(w.t, err)
	return tok
}

func (w *world) states(tok *Token, refs ...Ref) []State {
	out := make([]State, len(refs))
	for i, r := range refs {
		out[i], _ = tok.Status(uint64(r.Place))
	}
	return out
}

// The example lists of the draft, in bits and as they are compressed there.
func TestDraftExamples(t *testing.T) {
	for _, x := range []struct {
		bits   uint64
		states []State
		packed string
		lst    string
	}{
		{1, []State{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1}, "b9a3", "eNrbuRgAAhcBXQ"},
		{2, []State{1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3}, "c944f9", "eNo76fITAAPfAgc"},
	} {
		lst, err := base64.RawURLEncoding.DecodeString(x.lst)
		ok(t, err)
		l, err := inflated(x.bits, lst)
		ok(t, err)
		if got := hex.EncodeToString(l.packed); got != x.packed {
			t.Errorf("%d bits: %s, want %s", x.bits, got, x.packed)
		}
		for i, want := range x.states {
			if got, there := l.status(uint64(i)); !there || got != want {
				t.Errorf("%d bits, place %d: %d, want %d", x.bits, i, got, want)
			}
		}
		if _, there := l.status(uint64(len(x.states))); there {
			t.Errorf("%d bits: a place beyond the end", x.bits)
		}
	}
}

// A million credentials of which one in a hundred is revoked, at random places:
// what a gate has to fetch stays within 16 KiB, signature and all.
func TestAMillion(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	chance := mrand.New(mrand.NewPCG(1, 2))
	for _, x := range []struct {
		share float64
		level int
		most  int
	}{{0.001, best, 2300}, {0.01, best, 15_000}, {0.01, quickly, 16 << 10}, {0.02, best, 30 << 10}} {
		changes := map[int64]State{}
		for len(changes) < int(x.share*1e6) {
			changes[chance.Int64N(1e6)] = Invalid
		}
		tok := &Token{Subject: "https://example.test/api/v1/status/1", Issued: noon, Expires: noon.Add(Life), TTL: TTL, list: blank().with(changes)}
		lst, err := tok.list.deflated(x.level)
		ok(t, err)
		payload, err := tok.encode(lst)
		ok(t, err)
		out, err := credential.SealToken(s.key, s.kid, TypeList, payload)
		ok(t, err)
		if len(out) > x.most {
			t.Errorf("%.1f %% revoked: %d bytes, want at most %d", 100*x.share, len(out), x.most)
		}
		t.Logf("%.1f %% of a million revoked: %d bytes signed", 100*x.share, len(out))
		back, err := Open(out, s.trust, noon)
		ok(t, err)
		if back.Digest() != tok.Digest() {
			t.Error("the list came back different")
		}
	}
}

func TestPlacesAreGivenOnceAndByChance(t *testing.T) {
	both(t, func(w *world) {
		seen := map[Ref]bool{}
		var order []int64
		for i := range Block + 10 {
			r := w.allot()
			if seen[r] || r.List != 1 || r.Place < 0 || r.Place >= 2*Block {
				t.Fatalf("place %d: %v", i, r)
			}
			seen[r] = true
			order = append(order, r.Place)
		}
		rising := 0
		for i := 1; i < Block; i++ {
			if order[i] > order[i-1] {
				rising++
			}
		}
		if rising < Block*4/10 || rising > Block*6/10 {
			w.t.Errorf("%d of %d steps rise: the order can be foreseen", rising, Block)
		}
		w.reopen() // what was lent and not given is left
		if r := w.allot(); r.Place < 2*Block || seen[r] {
			w.t.Errorf("after a restart: %v", r)
		}
	})
}

func TestAFullListIsFollowedByAnother(t *testing.T) {
	both(t, func(w *world) {
		w.allot()
		ok(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`update statuslist_list set lent = $1 where list = 1`, Size)
			return err
		}))
		w.reopen()
		if r := w.allot(); r.List != 2 || r.Place >= Block {
			w.t.Errorf("%v", r)
		}
	})
}

// What a decision sets is on the list that is shown next, and a decision that was
// not stored is not.
func TestSetFollowsItsTransaction(t *testing.T) {
	both(t, func(w *world) {
		var refs []Ref
		for range 200 { // more than one statement's worth
			refs = append(refs, w.allot())
		}
		a, b, c := refs[0], refs[1], refs[2]
		w.set(Invalid, a, Ref{})
		w.set(Suspended, refs[1:]...)
		fail := errors.New("no")
		if err := w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
			if err := w.Set(tx, Invalid, c); err != nil {
				return err
			}
			return fail
		}); !errors.Is(err, fail) {
			w.t.Fatal(err)
		}
		if d := cmp.Diff([]State{Invalid, Suspended, Suspended}, w.states(w.current(1), a, b, c)); d != "" {
			w.t.Error(d)
		}
		w.set(Valid, b)
		w.set(Suspended, c)
		w.set(Invalid, refs[150])
		for name, again := range map[string]func(){"same process": func() {}, "started again": w.reopen} {
			again()
			if d := cmp.Diff([]State{Invalid, Valid, Suspended, Invalid, Suspended}, w.states(w.current(1), a, b, c, refs[150], refs[151])); d != "" {
				w.t.Error(name, d)
			}
		}
	})
}

func TestCheckerIsAheadOfTheSignature(t *testing.T) {
	both(t, func(w *world) {
		r := w.allot()
		check, err := w.Checker(w.t.Context())
		ok(w.t, err)
		at := func(uri string, place int64) credential.Claims {
			return credential.Claims{Status: &credential.StatusRef{URI: uri, Index: uint64(place)}}
		}
		ok(w.t, w.Publish(w.t.Context()))
		w.set(Suspended, r)
		for _, x := range []struct {
			name string
			c    credential.Claims
			want credential.Status
		}{
			{"suspended", at(w.URI(1), r.Place), credential.Suspended},
			{"under our former name", at("http://former.test/api/v1/status/1", r.Place), credential.Suspended},
			{"its neighbour", at(w.URI(1), r.Place^1), credential.StatusValid},
			{"a list that is gone", at(w.URI(7), r.Place), credential.NotChecked},
			{"no place", at(w.URI(1), Size), credential.Unknown},
			{"no list", at("https://example.test/", 1), credential.Unknown},
			{"not of a list at all", credential.Claims{}, credential.NotChecked},
		} {
			if got := check.Status(x.c); got != x.want {
				w.t.Errorf("%s: %s, want %s", x.name, got, x.want)
			}
		}
		w.set(Valid, r)
		if got := check.Status(at(w.URI(1), r.Place)); got != credential.StatusValid {
			w.t.Errorf("lifted: %s", got)
		}
	})
}

// A holder of any version comes to the current one by a delta, and to nothing else.
func TestDeltas(t *testing.T) {
	both(t, func(w *world) {
		ctx := w.t.Context()
		var refs []Ref
		for range 40 {
			refs = append(refs, w.allot())
		}
		held := []*Token{w.current(1)}
		chance := mrand.New(mrand.NewPCG(3, 4))
		for range 12 {
			w.hand.Add(time.Second)
			w.set(State(chance.IntN(3)), refs[chance.IntN(40)], refs[chance.IntN(40)])
			held = append(held, w.current(1))
		}
		last := held[len(held)-1]
		for i, tok := range held {
			doc, err := w.Delta(ctx, 1, tok.Digest())
			ok(w.t, err)
			d, err := OpenDelta(doc.Body, w.trust, noon)
			ok(w.t, err)
			got, err := tok.Apply(d)
			ok(w.t, err)
			if got.Digest() != last.Digest() || !got.Expires.Equal(last.Expires) || len(doc.Body) > 600 {
				w.t.Errorf("from version %d: %d bytes, %d changes", i, len(doc.Body), len(d.Changes))
			}
			again, err := w.Delta(ctx, 1, tok.Digest())
			ok(w.t, err)
			if !bytes.Equal(again.Body, doc.Body) {
				w.t.Error("signed twice")
			}
			other := *tok
			other.list = tok.list.with(map[int64]State{5: 3})
			if _, err := other.Apply(d); !fault.Is(err, "statuslist.other_base") {
				w.t.Errorf("applied to another version: %v", err)
			}
			d.Changes[refs[0].Place^1] = Invalid
			if _, err := tok.Apply(d); !fault.Is(err, "statuslist.delta_false") {
				w.t.Errorf("a delta that leads elsewhere: %v", err)
			}
			if _, err := Open(doc.Body, w.trust, noon); !fault.Is(err, "credential.token") {
				w.t.Errorf("a delta read as a list: %v", err)
			}
		}
		if _, err := w.Delta(ctx, 1, Digest{1}); !fault.Is(err, "statuslist.base_unknown") {
			w.t.Errorf("from nowhere: %v", err)
		}
		if _, err := w.Delta(ctx, 9, last.Digest()); !fault.Is(err, "statuslist.unknown") {
			w.t.Errorf("of no list: %v", err)
		}
	})
}

// A list is signed again only for a reason: a change, half its life, another key.
func TestSignedForAReason(t *testing.T) {
	both(t, func(w *world) {
		ctx := w.t.Context()
		r := w.allot()
		tag := func() string {
			ok(w.t, w.Publish(ctx))
			doc, err := w.Current(ctx, 1, false)
			ok(w.t, err)
			return doc.Tag
		}
		first := tag()
		w.hand.Add(Life/2 - time.Second)
		if tag() != first {
			w.t.Error("signed again for nothing")
		}
		for _, x := range []struct {
			name string
			do   func()
		}{
			{"half its life", func() { w.hand.Add(time.Minute) }},
			{"a change", func() { w.set(Invalid, r) }},
			{"another key", func() { w.signer = newSigner(w.t, elliptic.P256()); w.kid = []byte("another") }},
		} {
			x.do()
			next := tag()
			if next == first {
				w.t.Errorf("not signed again after %s", x.name)
			}
			first = next
		}
		// A list is served as long as anything in it may hold, and no longer.
		w.hand.Add(100 * 24 * time.Hour)
		ok(w.t, w.Publish(ctx))
		if _, err := w.Current(ctx, 1, false); !fault.Is(err, "statuslist.unknown") {
			w.t.Error(err)
		}
	})
}

func TestListsLiveAsLongAsTheirCredentials(t *testing.T) {
	both(t, func(w *world) {
		ctx := w.t.Context()
		r := w.allot()
		far := w.hand.Now().Add(200 * 24 * time.Hour)
		ok(w.t, w.Keep(ctx, r, far))
		w.reopen()
		w.hand.Set(far.Add(-time.Minute))
		ok(w.t, w.Publish(ctx))
		if _, err := w.Current(ctx, r.List, false); err != nil {
			w.t.Error(err)
		}
	})
}

// A change is shown as it is; at rest the list is compressed once more, and then left.
func TestComesToRest(t *testing.T) {
	both(t, func(w *world) {
		r := w.allot()
		w.current(1)
		var sizes []int
		tag := ""
		look := func() (changed bool) {
			ok(w.t, w.Publish(w.t.Context()))
			doc, err := w.Current(w.t.Context(), 1, false)
			ok(w.t, err)
			changed, tag = doc.Tag != tag, doc.Tag
			sizes = append(sizes, len(doc.Body))
			return changed
		}
		w.set(Invalid, r)
		for _, x := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {rest - time.Second, false}, {time.Second, true}, {rest, false}} {
			w.hand.Add(x.after)
			if got := look(); got != x.want {
				w.t.Errorf("after %v more: signed again %v", x.after, got)
			}
		}
		if sizes[3] > sizes[0] {
			w.t.Errorf("sizes %v", sizes)
		}
	})
}

// Whoever runs Publish in the background shows a change within its pause.
func TestRunPublishes(t *testing.T) {
	both(t, func(w *world) {
		r := w.allot()
		ctx, stop := context.WithCancel(w.t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx, w.db.Engine() != storage.SQLite, func(err error) { w.t.Error(err) }) }()
		w.set(Invalid, r)
		deadline := time.Now().Add(5 * time.Second)
		for {
			doc, err := w.Current(ctx, 1, false)
			ok(w.t, err)
			tok, err := Open(doc.Body, w.trust, noon)
			ok(w.t, err)
			if s, _ := tok.Status(uint64(r.Place)); s == Invalid {
				break
			}
			if time.Now().After(deadline) {
				w.t.Fatal("not shown after five seconds")
			}
			time.Sleep(5 * time.Millisecond)
		}
		stop()
		ok(w.t, <-done)
	})
}

func TestJWT(t *testing.T) {
	both(t, func(w *world) {
		r := w.allot()
		w.set(Suspended, r)
		want := w.current(1)
		doc, err := w.Current(w.t.Context(), 1, true)
		ok(w.t, err)
		parts := strings.Split(string(doc.Body), ".")
		if len(parts) != 3 || doc.Type != TypeJWT {
			w.t.Fatalf("%s: %d parts", doc.Type, len(parts))
		}
		var raw [3][]byte
		for i := range parts {
			raw[i], err = base64.RawURLEncoding.DecodeString(parts[i])
			ok(w.t, err)
		}
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		if !ecdsa.Verify(&w.signer.key.PublicKey, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
			w.t.Error("the signature does not hold")
		}
		var body struct {
			Sub        string
			Exp        int64
			StatusList struct {
				Bits uint64
				Lst  string
			} `json:"status_list"`
		}
		ok(w.t, json.Unmarshal(raw[1], &body))
		lst, err := base64.RawURLEncoding.DecodeString(body.StatusList.Lst)
		ok(w.t, err)
		l, err := inflated(body.StatusList.Bits, lst)
		ok(w.t, err)
		if l.digest() != want.Digest() || body.Sub != want.Subject || body.Exp != want.Expires.Unix() {
			w.t.Errorf("%+v", body)
		}
		// A district that signs with national algorithms gives the CWT only.
		w.signer = newSigner(w.t, sm2.P256())
		w.current(1)
		if _, err := w.Current(w.t.Context(), 1, true); !fault.Is(err, "statuslist.no_jwt") {
			w.t.Error(err)
		}
	})
}

func TestAListFromAFile(t *testing.T) {
	s := newSigner(t, elliptic.P256())
	tok := &Token{Subject: "https://example.test/api/v1/status/1", Issuer: "试验区", Issued: noon, Expires: noon.Add(Life), TTL: TTL, list: blank().with(map[int64]State{1: Invalid, 2: Suspended, 3: 3})}
	lst, err := tok.list.deflated(best)
	ok(t, err)
	payload, err := tok.encode(lst)
	ok(t, err)
	data, err := credential.SealToken(s.key, s.kid, TypeList, payload)
	ok(t, err)
	path := filepath.Join(t.TempDir(), "list")
	ok(t, os.WriteFile(path, data, 0o600))
	back, err := Load(path, s.trust, noon)
	ok(t, err)
	for _, x := range []struct {
		name string
		uri  string
		i    uint64
		at   time.Time
		want credential.Status
	}{
		{"valid", tok.Subject, 0, noon, credential.StatusValid},
		{"revoked", tok.Subject, 1, noon, credential.Revoked},
		{"suspended", tok.Subject, 2, noon, credential.Suspended},
		{"a state of nobody's", tok.Subject, 3, noon, credential.Unknown},
		{"outside", tok.Subject, Size, noon, credential.Unknown},
		{"another list", tok.Subject + "0", 1, noon, credential.NotChecked},
		{"our former address", "http://former.test/api/v1/status/1", 1, noon, credential.Revoked},
		{"another list there", "http://former.test/api/v1/status/2", 1, noon, credential.NotChecked},
		{"too old to say valid", tok.Subject, 0, noon.Add(Life), credential.Stale},
		{"old, and revoked then", tok.Subject, 1, noon.Add(Life), credential.Revoked},
	} {
		got := back.At(x.at).Status(credential.Claims{Issuer: "试验区", Status: &credential.StatusRef{URI: x.uri, Index: x.i}})
		if got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
	if got := back.At(noon).Status(credential.Claims{Issuer: "别处", Status: &credential.StatusRef{URI: "http://other.test/api/v1/status/1", Index: 1}}); got != credential.NotChecked {
		t.Errorf("another district's list of that number: %s", got)
	}
	if got := back.At(noon).Status(credential.Claims{}); got != credential.NotChecked {
		t.Errorf("no place: %s", got)
	}
	if _, err := Load(path, newSigner(t, elliptic.P256()).trust, noon); !fault.Is(err, "credential.token") {
		t.Errorf("signed by a stranger: %v", err)
	}
	data[len(data)/2] ^= 1
	ok(t, os.WriteFile(path, data, 0o600))
	if _, err := Load(path, s.trust, noon); !fault.Is(err, "credential.token") {
		t.Errorf("altered: %v", err)
	}
	if _, err := Load(path+"x", s.trust, noon); !fault.Is(err, "statuslist.file_missing") {
		t.Errorf("absent: %v", err)
	}
}

func TestRefs(t *testing.T) {
	for text, want := range map[string]Ref{
		"3/918273": {3, 918273}, "": {}, "3": {}, "0/1": {}, "3/-1": {}, "03/1": {}, "3/1048576": {}, "3/1/": {}, "a/b": {},
	} {
		if got := ParseRef(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if (Ref{3, 918273}).String() != "3/918273" || (Ref{}).String() != "" {
		t.Error("as text")
	}
}

// Lists and deltas of any content lead from one to the other.
func TestAnyChangesApply(t *testing.T) {
	base := blank()
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.MapOfN(rapid.Int64Range(0, Size-1), rapid.SampledFrom([]State{Valid, Invalid, Suspended}), 0, 50)
		first, second := gen.Draw(t, "first"), gen.Draw(t, "second")
		a := &Token{Subject: "u", Issued: noon, Expires: noon.Add(Life), list: base.with(first)}
		b := a.list.with(second)
		d := &Delta{Subject: "u", Base: a.Digest(), Target: b.digest(), Issued: noon, Expires: noon.Add(Life), Changes: second}
		payload, err := d.encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := readDelta(payload)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Apply(back)
		if err != nil || got.Digest() != b.digest() {
			t.Fatal(err)
		}
	})
}

// FuzzPayloads takes what stands under a signature: also a trusted signer's bytes
// make nobody panic or eat memory.
func FuzzPayloads(f *testing.F) {
	tok := &Token{Subject: "u", Issued: noon, Expires: noon.Add(Life), TTL: TTL, list: list{2, []byte{1, 2, 3}}}
	lst, err := tok.list.deflated(best)
	ok(f, err)
	payload, err := tok.encode(lst)
	ok(f, err)
	f.Add(payload)
	d := &Delta{Subject: "u", Base: tok.Digest(), Target: tok.Digest(), Issued: noon, Expires: noon, Changes: map[int64]State{1: Invalid}}
	payload, err = d.encode()
	ok(f, err)
	f.Add(payload)
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := read(data); err == nil {
			got.Status(1 << 40)
			got.At(noon).Status(credential.Claims{Status: &credential.StatusRef{URI: got.Subject, Index: 1}})
		}
		if got, err := readDelta(data); err == nil {
			_, _ = tok.Apply(got)
		}
	})
}

// FuzzTokens takes whole tokens, as a file or a stranger's server gives them.
func FuzzTokens(f *testing.F) {
	s := newSigner(f, elliptic.P256())
	tok := &Token{Subject: "u", Issued: noon, Expires: noon.Add(Life), list: list{2, []byte{1, 2, 3}}}
	lst, err := tok.list.deflated(best)
	ok(f, err)
	payload, err := tok.encode(lst)
	ok(f, err)
	data, err := credential.SealToken(s.key, s.kid, TypeList, payload)
	ok(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Open(data, s.trust, noon)
		if err == nil && got.Digest() != tok.Digest() {
			t.Fatal("accepted what nobody signed")
		}
		_, _ = OpenDelta(data, s.trust, noon)
	})
}

// BenchmarkPublish is what a list of a million costs, one in a hundred revoked: "best"
// is a list that rests, "changed" one of whose places a code was just withdrawn. Both
// pack, deflate and sign twice; "bytes" is what a gate fetches, signature and all.
func BenchmarkPublish(b *testing.B) {
	s := newSigner(b, elliptic.P256())
	chance := mrand.New(mrand.NewPCG(1, 2))
	states := map[int64]State{}
	for len(states) < 10_000 {
		states[chance.Int64N(1e6)] = Invalid
	}
	store := New(nil, func() ([]byte, *ecdsa.PrivateKey) { return s.kid, s.key }, func() time.Time { return noon }, func() string { return "https://example.test" })
	store.live.states[1] = states
	rested, err := store.sign(1)
	ok(b, err)
	for _, x := range []struct {
		name string
		was  *published
	}{{"best", nil}, {"changed", rested}} {
		b.Run(x.name, func(b *testing.B) {
			if store.live.shown[1] = x.was; x.was != nil {
				states[999_999] = Suspended
			}
			var out *published
			for b.Loop() {
				if out, err = store.sign(1); err != nil {
					b.Fatal(err)
				}
			}
			if out.rough != (x.was != nil) {
				b.Fatal("the list was not compressed as its name says")
			}
			b.ReportMetric(float64(len(out.cwt)), "bytes")
		})
	}
}
