package app

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/keyring"
)

// Config is everything an operator may choose; the zero value is the embedded
// database at ./var/data, served on the loopback address.
type Config struct {
	Data      string // folder of keys, uploads, socket and the embedded database
	Database  string // "postgres://…", or "" for DIR/breakwater.db
	Addr      string // host:port to serve
	TLSCert   string // PEM files; both or neither
	TLSKey    string
	PublicURL string // how people reach the program, "https://…"; "" = from Addr
	Proxies   []netip.Prefix
	Metrics   []netip.Prefix // networks that may read /metrics, beside this machine
	SMSURL    string         // gateway that takes messages; "" = none are sent
	SMSToken  string
	BeaconURL string // mirror of the public beacon that seeds draws; "" = witnesses alone
	OIDC      OIDC   // the district's identity provider, for staff
	Capacity  int    // requests a second that are let in at most; 0 = what the machine bears
	Signing   string // how new keys sign: "es256" (or ""), "sm2"
	Demo      bool
	Public    bool // demo may be served beyond the loopback address
	Clock     clock.Clock
}

// OIDC is the district's own identity provider: none without an issuer. Secret is
// empty for a public client; Name is how people here know it.
type OIDC struct{ Issuer, ClientID, Secret, Name string }

// check completes o and says what is wrong with it.
func (o *OIDC) check(bad *fault.Error) {
	if o.Issuer == "" {
		return
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		bad.With("oidc-issuer", "app.oidc_issuer", "url", o.Issuer)
		return
	}
	if o.ClientID == "" {
		bad.With("oidc-client-id", "app.oidc_client")
	}
	if o.Name == "" {
		o.Name = u.Hostname()
	}
}

// The defaults.
const (
	DefaultData = "var/data"
	DefaultDemo = "var/demo"
	DefaultAddr = "127.0.0.1:8080"
)

// Check completes the configuration and says what is wrong with it.
//
// Faults: Invalid with a field per flag.
func (c *Config) Check() error {
	if c.Data == "" {
		c.Data = DefaultData
		if c.Demo {
			c.Data = DefaultDemo
		}
	}
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.Clock == nil {
		c.Clock = clock.Wall
	}
	bad := fault.New(fault.Invalid, "app.config")
	if c.Capacity < 0 {
		bad.With("capacity", "app.capacity")
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		bad.With("addr", "app.addr", "addr", c.Addr)
	} else if c.Demo && !c.Public && !loopback(host) {
		bad.With("addr", "app.demo_public", "addr", c.Addr)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		bad.With("tls-cert", "app.tls_pair")
	} else if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			bad.With("tls-cert", "app.tls_unreadable", "why", err.Error())
		}
	}
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		bad.With("database", "app.database")
	}
	if c.Signing != "" && !slices.Contains(keyring.Algorithms(), strings.ToUpper(c.Signing)) {
		bad.With("signing", "keyring.algorithm", "algorithm", c.Signing)
	}
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			bad.With("public-url", "app.public_url", "url", c.PublicURL)
		}
		c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	}
	if u, err := url.Parse(c.SMSURL); c.SMSURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u.Hostname())) {
		bad.With("sms-url", "app.sms_url", "url", c.SMSURL)
	}
	if u, err := url.Parse(c.BeaconURL); c.BeaconURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u.Hostname())) {
		bad.With("beacon-url", "app.beacon_url", "url", c.BeaconURL)
	}
	c.OIDC.check(bad)
	return bad.OrNil()
}

// algorithm is how new keys sign, as package keyring names it.
func (c Config) algorithm() string {
	if c.Signing == "" {
		return keyring.ES256
	}
	return strings.ToUpper(c.Signing)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Target is the store's address as package storage takes it.
func (c Config) Target() string {
	if c.Database != "" {
		return c.Database
	}
	return "sqlite:" + filepath.Join(c.Data, "breakwater.db")
}

// Exists reports whether there may be a store: a PostgreSQL database is there to be
// asked, the embedded database once its file is.
func (c Config) Exists() bool {
	if c.Database != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(c.Data, "breakwater.db"))
	return !errors.Is(err, fs.ErrNotExist)
}

// Keys is where the key rings lie, one file for each store.
func (c Config) Keys() string { return filepath.Join(c.Data, "keys") }

// Socket is the local door by which commands act through a running server.
func (c Config) Socket() string { return filepath.Join(c.Data, "breakwater.sock") }

// URL is how people reach the program when nobody said so.
func (c Config) URL(addr string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	scheme := "http://"
	if c.TLSCert != "" {
		scheme = "https://"
	}
	return scheme + addr
}

// Preflight finds out, leaving nothing behind, what would keep serve from starting
// although the configuration is sound: a folder that cannot be written, an embedded
// store without its keys, an address that is taken.
//
// Faults: Invalid "app.folder_unwritable", NotFound "keyring.missing", Conflict
// "app.port_taken".
func (c Config) Preflight() error {
	folder := c.Data
	for { // the nearest that is there
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			break
		}
		folder = filepath.Dir(folder)
	}
	probe, err := os.CreateTemp(folder, ".breakwater-check-")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "app.folder_unwritable", "folder", c.Data)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	if c.Database == "" && c.Exists() {
		if keys, err := filepath.Glob(filepath.Join(c.Keys(), "*.json")); err != nil || len(keys) == 0 {
			return fault.New(fault.NotFound, "keyring.missing", "path", c.Keys())
		}
	}
	ln, err := Listen(c.Addr)
	if err != nil {
		return err
	}
	return ln.Close()
}

// Where names the store for a person, without a password.
func (c Config) Where() string {
	if c.Database == "" {
		return filepath.Join(c.Data, "breakwater.db")
	}
	u, err := url.Parse(c.Database)
	if err != nil {
		return "postgres"
	}
	return u.Redacted()
}
