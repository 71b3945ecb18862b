// Package statuslist says whether a credential that was issued still holds: two
// bits for each, in lists of a million, signed and small enough that every gate
// keeps them. It follows the IETF's Token Status List (draft-ietf-oauth-status-list):
// a CWT of type application/statuslist+cwt, or the same as a JWT, with a claim
// {bits, lst} that holds the packed bits under zlib. What the draft has not is a
// delta: a signed token that names the digests of the list it changes and of the
// list that results, so that a gate fetches some hundred bytes a minute.
//
// A place in a list tells nothing of its neighbours: places are lent in blocks of
// 4,096, and within a block handed out by chance (see Allot).
//
// It refuses to know what a credential is for, to say why one was suspended, and
// to take back a place: one that was given out is never given again.
package statuslist

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

	"breakwater/internal/storage"
)

//go:embed schema/*.sql
var schema embed.FS

// Module is the package's schema.
func Module() storage.Module { return storage.Module{Name: "statuslist", Files: schema} }

// State is what a list says of one place; the numbers are the draft's.
type State uint8

// The states. Suspended may end; Invalid is for good.
const (
	Valid     State = 0
	Invalid   State = 1
	Suspended State = 2
)

// Size of a list, in places: 256 KiB of bits. Bits for each place.
const (
	Size = 1 << 20
	Bits = 2
)

// Path is where lists are served, the list's number behind it.
const Path = "/api/v1/status/"

// Ref is one place in one list. The zero Ref is none.
type Ref struct {
	List  int64
	Place int64
}

// Zero reports whether r is no place.
func (r Ref) Zero() bool { return r.List == 0 }

// String is r as a column keeps it: "3/918273", and "" for none.
func (r Ref) String() string {
	if r.Zero() {
		return ""
	}
	return fmt.Sprintf("%d/%d", r.List, r.Place)
}

// ParseRef is the inverse of String; what String never writes is no place.
func ParseRef(text string) Ref {
	list, place, ok := strings.Cut(text, "/")
	n, err1 := strconv.ParseInt(list, 10, 64)
	i, err2 := strconv.ParseInt(place, 10, 64)
	r := Ref{n, i}
	if !ok || err1 != nil || err2 != nil || n < 1 || i < 0 || i >= Size || r.String() != text {
		return Ref{}
	}
	return r
}

// refOf finds the place a credential names, whatever name our own site had when
// it was issued: the signature says that the address is one of ours.
func refOf(uri string, index uint64) Ref {
	at := strings.LastIndex(uri, Path)
	if at < 0 || index >= Size {
		return Ref{}
	}
	return ParseRef(uri[at+len(Path):] + "/" + strconv.FormatUint(index, 10))
}
