package rationweb

import (
	"strconv"
	"time"

	"breakwater/internal/service/ration"
	"breakwater/internal/web"
)

// quickClaim is claimRation on the lane, also where it is refused: in a rush on what is
// gone that is nearly all, and to judge each twice would cost more than the answer.
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
	got, err := p.Claim(q.Context(), q.Who, ration.ClaimInput{Offer: in.Body.Offer, Key: q.Once("claimRation", in)})
	if err != nil {
		return q.Refuse(err)
	}
	if !promisedOnly(got) {
		return say(q, got)
	}
	q.Body = append(appendPromised(q.Body, got), '\n')
	return true
}

// promisedOnly is whether nothing became of an allotment yet.
func promisedOnly(a ration.Allotment) bool {
	return a.State == ration.Held && a.Ended.IsZero() && a.Lot == "" && a.Parcel == nil
}

// appendPromised appends such an allotment as encoding/json writes it. Its texts are our
// own ids and codes, of letters that are never escaped.
func appendPromised(b []byte, a ration.Allotment) []byte {
	b = append(append(b, `{"id":"`...), a.ID...)
	b = append(append(b, `","offer":"`...), a.Offer...)
	b = append(append(b, `","campaign":"`...), a.Campaign...)
	b = strconv.AppendInt(append(b, `","pieces":`...), a.Pieces, 10)
	b = append(append(b, `,"code":"`...), a.Code...)
	b = a.Until.AppendFormat(append(b, `","until":"`...), time.RFC3339Nano)
	b = append(append(b, `","state":"`...), a.State...)
	return append(a.At.AppendFormat(append(b, `","at":"`...), time.RFC3339Nano), `"}`...)
}
