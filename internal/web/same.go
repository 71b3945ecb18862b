package web

import (
	"net/http"
	"strings"
)

// Same names what is about to be answered by a tag, quotes and all (RFC 9110 §8.8.3),
// and reports whether the caller says that it has this already: 304 is then written
// and nothing else must be. Headers that a 200 would have, Cache-Control among them,
// are set before.
func Same(w http.ResponseWriter, r *http.Request, tag string) bool {
	h := w.Header()
	h.Set("ETag", tag)
	if h.Get("Vary") == "" {
		h.Set("Vary", changesWith)
	}
	for _, line := range r.Header.Values("If-None-Match") {
		for have := range strings.SplitSeq(line, ",") {
			// The weak comparison: whether the bytes are the same too is no matter for a 304.
			have = strings.TrimSpace(have)
			if have == "*" || strings.TrimPrefix(have, "W/") == strings.TrimPrefix(tag, "W/") {
				w.WriteHeader(http.StatusNotModified)
				return true
			}
		}
	}
	return false
}
