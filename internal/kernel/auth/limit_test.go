package auth

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"breakwater/internal/clock"
)

func TestLimiter(t *testing.T) {
	hand := clock.NewHand(start)
	l := newLimiter(hand.Now, 3, time.Minute)
	for i := range 3 {
		if w := l.take("a"); w != 0 {
			t.Fatalf("try %d waits %v", i, w)
		}
	}
	if w := l.take("a"); w != time.Minute {
		t.Errorf("the fourth waits %v", w)
	}
	if w := l.take("b"); w != 0 {
		t.Errorf("another key waits %v", w)
	}
	hand.Add(59 * time.Second)
	if w := l.take("a"); w != time.Second {
		t.Errorf("a second early waits %v", w)
	}
	hand.Add(time.Second)
	if w := l.take("a"); w != 0 {
		t.Errorf("after a minute waits %v", w)
	}
	l.give("a")
	if w := l.take("a"); w != 0 {
		t.Errorf("a try given back waits %v", w)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	hand := clock.NewHand(start)
	l := newLimiter(hand.Now, 1, time.Hour)
	l.most = 100
	l.take("old")
	hand.Add(2 * time.Hour) // old is clear, and the first to be forgotten
	for i := range 1000 {
		l.take(fmt.Sprint(i))
	}
	if n := len(l.clear); n > 100 {
		t.Errorf("%d keys kept", n)
	}
	if _, kept := l.clear["old"]; kept {
		t.Error("a clear key outlived charged ones")
	}
}

func TestNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7",
		"2001:db8:1:2ff:3::1": "2001:db8:1:200::/56", "2001:db8:1:201::9": "2001:db8:1:200::/56", "fe80::1%eth0": "fe80::/56",
	} {
		if got := network(netip.MustParseAddr(addr)); got != want {
			t.Errorf("network(%s) = %s, want %s", addr, got, want)
		}
	}
	if got := network(netip.Addr{}); got != "invalid IP" {
		t.Errorf("no address is counted as %q", got)
	}
}

func TestClientAddr(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"no proxy", "198.51.100.1", nil, "198.51.100.1"},
		{"a stranger's header is not believed", "198.51.100.1", []string{"203.0.113.7"}, "198.51.100.1"},
		{"one proxy", "10.0.0.1", []string{"203.0.113.7"}, "203.0.113.7"},
		{"the client wrote the left part", "10.0.0.1", []string{"1.1.1.1, 203.0.113.7"}, "203.0.113.7"},
		{"two proxies, two lines", "127.0.0.1", []string{"1.1.1.1", "203.0.113.7, 10.2.3.4"}, "203.0.113.7"},
		{"with a port", "10.0.0.1", []string{"203.0.113.7:4711"}, "203.0.113.7"},
		{"mapped", "::ffff:10.0.0.1", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{"six", "10.0.0.1", []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		{"rubbish ends the walk", "10.0.0.1", []string{"203.0.113.7, unknown"}, "10.0.0.1"},
		{"only proxies", "10.0.0.1", []string{"10.0.0.2"}, "10.0.0.2"},
		{"nothing said", "10.0.0.1", nil, "10.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ClientAddr(netip.MustParseAddr(c.remote), c.forwarded, ours); got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
