package api

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/web"
)

type statusInput struct {
	List int64 `path:"list" doc:"The list's number, the last part of the address in a credential."`
}

type deltaInput struct {
	List int64  `path:"list" doc:"The list's number."`
	Base string `query:"base" doc:"SHA-256 of the bits of the list at hand, before compression; 64 hexadecimal digits."`
}

// addStatus adds the public lists of suspended and withdrawn codes. They hold no
// id and no name, so whoever asks learns what is withdrawn and not whose. Under a
// crowd they go out before boards and the usual pages, since a gate without a
// network lives on them, and after gate checks, since a stranger can ask too and a
// list at hand is believed for a day.
func (a *API) addStatus() {
	op := Op{ID: "statusList", Method: http.MethodGet, Path: "/status/{list}", Group: "credentials", Access: web.Public, Class: admission.Result}
	AddFile(a, op, []string{statuslist.TypeList, statuslist.TypeJWT}, a.statusList)
	op.ID, op.Path = "statusListDelta", "/status/{list}/delta"
	AddFile(a, op, []string{statuslist.TypeDelta}, a.statusDelta)
}

func (a *API) statusList(w http.ResponseWriter, r *http.Request, in *statusInput) error {
	doc, err := a.Status.Current(r.Context(), in.List, strings.Contains(r.Header.Get("Accept"), "jwt"))
	if err != nil {
		return err
	}
	return give(w, r, doc)
}

func (a *API) statusDelta(w http.ResponseWriter, r *http.Request, in *deltaInput) error {
	var base statuslist.Digest
	b, err := hex.DecodeString(in.Base)
	if err != nil || len(b) != len(base) {
		return fault.New(fault.Invalid, "fault.fields").With("base", "api.not_a_digest")
	}
	copy(base[:], b)
	doc, err := a.Status.Delta(r.Context(), in.List, base)
	if err != nil {
		return err
	}
	return give(w, r, doc)
}

// give sends what was signed before, or that the caller has it already. Five
// seconds in a shared cache keep a crowd of gates from the program, and a
// withdrawal from waiting.
func give(w http.ResponseWriter, r *http.Request, doc statuslist.Document) error {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=5")
	h.Set("Vary", "Accept")
	h.Set("Access-Control-Allow-Origin", "*") // signed, and the same for everybody
	if web.Same(w, r, `"`+doc.Tag+`"`) {
		return nil
	}
	h.Set("Content-Type", doc.Type)
	h.Set("Content-Length", strconv.Itoa(len(doc.Body)))
	_, err := w.Write(doc.Body)
	return err
}
