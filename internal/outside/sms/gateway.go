package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"breakwater/internal/kernel/auth"
)

// Gateway posts each message as JSON: {"phone", "template", "params", "text"}.
// Token, if any, goes along as a bearer token.
type Gateway struct {
	URL, Token string
	Client     *http.Client // nil: the default one
}

// order is what a gateway is told.
type order struct {
	Phone    string            `json:"phone"`
	Template string            `json:"template"`
	Params   map[string]string `json:"params"`
	Text     string            `json:"text"`
}

// Send implements auth.Sender. Any answer but 2xx is a failure; its body is not
// kept, for it may repeat the number.
func (g *Gateway) Send(ctx context.Context, m auth.Message) error {
	body, err := json.Marshal(order(m))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if g.Token != "" {
		r.Header.Set("Authorization", "Bearer "+g.Token)
	}
	client := g.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the message gateway answered %s", resp.Status)
	}
	return nil
}
