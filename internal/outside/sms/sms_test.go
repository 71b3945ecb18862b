package sms

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
)

func TestGateway(t *testing.T) {
	m := auth.Message{Phone: "13800001234", Template: "sign_in", Params: map[string]string{"code": "123456"}, Text: "Your code is 123456."}
	status := http.StatusAccepted
	var got string
	var said map[string]any
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("Authorization")
		said = nil
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "13800001234 is in arrears")
	}))
	defer srv.Close()
	g := &Gateway{URL: srv.URL, Token: "secret"}
	if err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"phone": m.Phone, "template": "sign_in", "params": map[string]any{"code": "123456"}, "text": m.Text}
	if d := cmp.Diff(want, said); d != "" || got != "POST application/json Bearer secret" {
		t.Errorf("%s %s", got, d)
	}
	status = http.StatusPaymentRequired
	err := g.Send(t.Context(), m)
	if err == nil || !strings.Contains(err.Error(), "402") || strings.Contains(err.Error(), "1380000") {
		t.Errorf("%v", err)
	}
	srv.Close()
	if err := g.Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "123456") {
		t.Errorf("a gateway that is gone: %v", err)
	}
}

func TestShown(t *testing.T) {
	s := &Shown{Now: clock.NewHand(time.Date(2020, 2, 10, 8, 0, 0, 0, time.UTC)).Now}
	for i := range shownMost + 5 {
		if err := s.Send(t.Context(), auth.Message{Text: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	list := s.Latest()
	if len(list) != shownMost || list[0].Text != "54" || list[49].Text != "5" {
		t.Errorf("%d, from %s to %s", len(list), list[0].Text, list[len(list)-1].Text)
	}
}
