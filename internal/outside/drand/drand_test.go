package drand_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"breakwater/internal/kernel/draw"
	"breakwater/internal/outside/drand"
)

// signature is of round 1000, as its keepers publish it.
const signature = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"

func TestValue(t *testing.T) {
	answer, status := fmt.Sprintf(`{"round":1000,"randomness":"00","signature":%q}`, signature), http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/"+draw.Chain+"/public/1000" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(s.Close)
	m := &drand.Mirror{URL: s.URL + "/"}
	got, err := m.Value(t.Context(), 1000)
	if err != nil || hex.EncodeToString(got) != signature {
		t.Errorf("%x, %v", got, err)
	}
	for _, bad := range []struct {
		answer string
		status int
	}{
		{answer, http.StatusTooEarly},
		{strings.Replace(answer, "1000", "999", 1), http.StatusOK},
		{strings.Replace(answer, signature, "not hex", 1), http.StatusOK},
		{"<html>", http.StatusOK},
		{strings.Repeat(" ", 8<<10) + answer, http.StatusOK},
	} {
		answer, status = bad.answer, bad.status
		if got, err := m.Value(t.Context(), 1000); err == nil {
			t.Errorf("%.20s: %x", bad.answer, got)
		}
	}
}
