package rationweb

import (
	"context"
	"encoding/json"
	"time"

	"breakwater/internal/service/ration"
	"breakwater/internal/web"
)

// quickMost is how long the lane waits for a claim to be stored.
const quickMost = 5 * time.Second

// quickClaim is claimRation on the lane. What fails there fails with its reason here,
// under the same key.
func (p *pages) quickClaim(q *web.QuickAnswer) bool {
	var in claimBody
	plain := web.Fields(q.Sent, func(name, value []byte) bool {
		if string(name) != "offer" || in.Body.Offer != "" || len(value) == 0 || len(value) > 40 {
			return false
		}
		in.Body.Offer = string(value)
		return true
	})
	if !plain || in.Body.Offer == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), quickMost)
	defer cancel()
	got, err := p.Claim(ctx, q.Who, ration.ClaimInput{Offer: in.Body.Offer, Key: q.Once("claimRation", in)})
	if err != nil {
		return false
	}
	said, err := json.Marshal(got)
	if err != nil {
		return false
	}
	q.Body = append(append(q.Body, said...), '\n')
	return true
}
