package app

import (
	"testing"

	"breakwater/internal/fault"
)

// A provider that is named wrongly is said before anything is opened.
func TestProviderConfig(t *testing.T) {
	for _, c := range []struct {
		in    OIDC
		field string // "" is fine
		name  string
	}{
		{OIDC{}, "", ""},
		{OIDC{Issuer: "https://id.example.cn/realms/haiwan", ClientID: "b"}, "", "id.example.cn"},
		{OIDC{Issuer: "http://127.0.0.1:9000", ClientID: "b", Name: "Haiwan ID"}, "", "Haiwan ID"},
		{OIDC{Issuer: "http://id.example.cn", ClientID: "b"}, "oidc-issuer", ""},
		{OIDC{Issuer: "id.example.cn", ClientID: "b"}, "oidc-issuer", ""},
		{OIDC{Issuer: "https://u:p@id.example.cn", ClientID: "b"}, "oidc-issuer", ""},
		{OIDC{Issuer: "https://id.example.cn?tenant=1", ClientID: "b"}, "oidc-issuer", ""},
		{OIDC{Issuer: "https://id.example.cn"}, "oidc-client-id", ""},
	} {
		conf := Config{OIDC: c.in}
		err := conf.Check()
		if c.field == "" {
			if err != nil || conf.OIDC.Name != c.name {
				t.Errorf("%+v: %v, %q", c.in, err, conf.OIDC.Name)
			}
			continue
		}
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != c.field {
			t.Errorf("%+v: %v, want field %s", c.in, err, c.field)
		}
	}
}
