package oidctest

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestServe is the provider of the browser's story, which starts it with OIDC_SERVE=1
// and speaks to it by lines: "back ADDRESS" says where browsers return to, "left SUBJECT
// ID" asks for the signed word that somebody left. It ends with its input.
func TestServe(t *testing.T) {
	if os.Getenv("OIDC_SERVE") == "" {
		return // nobody asked; the story is the test
	}
	p := New(t)
	one, pass := p.Person(One)
	other, _ := p.Person(Other)
	fmt.Println("serves", p.Issuer, ClientID, Secret, pass, one, other)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch said := strings.Fields(in.Text()); {
		case len(said) == 2 && said[0] == "back":
			p.SendBack(said[1])
			fmt.Println("done")
		case len(said) == 3 && said[0] == "left":
			fmt.Println("word", p.Departed(t, said[1], said[2]))
		default:
			t.Fatalf("not understood: %q", in.Text())
		}
	}
}
