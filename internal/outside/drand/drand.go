// Package drand asks the public beacon for the value of a round, over HTTP, as its
// keepers and many mirrors serve it (https://docs.drand.love/docs/http-api-reference).
//
// It refuses to believe what it is told: whoever asks proves the value by the beacon's
// public key, so that any mirror will do.
package drand

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"breakwater/internal/kernel/draw"
)

// Mirror is an address that serves the beacon: "https://api.drand.sh".
type Mirror struct {
	URL    string
	Client *http.Client // nil: the default one
}

// answerMost bounds an answer, in bytes.
const answerMost = 4 << 10

// Value is a round's signature. A round that is not known yet is an error.
func (m *Mirror) Value(ctx context.Context, round uint64) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(m.URL, "/")+"/"+draw.Chain+"/public/"+strconv.FormatUint(round, 10), nil)
	if err != nil {
		return nil, err
	}
	client := m.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the beacon's mirror answered %s for round %d", resp.Status, round)
	}
	var said struct {
		Round     uint64 `json:"round"`
		Signature string `json:"signature"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, answerMost)).Decode(&said); err != nil {
		return nil, fmt.Errorf("the beacon's mirror: %w", err)
	}
	if said.Round != round {
		return nil, fmt.Errorf("the beacon's mirror told round %d for round %d", said.Round, round)
	}
	return hex.DecodeString(said.Signature)
}
