package rationweb

import (
	"encoding/hex"
	"net/http"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/draw"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// freezeInput freezes a round's list. Witnesses is a line for each: the name, a comma and
// the commitment in hex; without any the seed is the beacon's.
type freezeInput struct {
	Day       string `form:"day" json:"day" max:"10"`
	Witnesses string `form:"witnesses" json:"witnesses,omitempty" max:"20000"`
}

func (in freezeInput) freeze(campaign string) (out ration.FreezeInput, err error) {
	out.Campaign = campaign
	if out.Day, err = day(in.Day); err != nil {
		return out, err
	}
	for _, line := range lined(in.Witnesses) {
		name, text, _ := strings.Cut(strings.ReplaceAll(line, "，", ","), ",")
		sum, err := hex.DecodeString(strings.TrimSpace(text))
		w := draw.Witness{Name: strings.TrimSpace(name)}
		if err != nil || len(sum) != len(w.Commitment) || w.Name == "" {
			return out, fault.New(fault.Invalid, "fault.fields").With("witnesses", "supplydesk.witness_line")
		}
		w.Commitment = [len(w.Commitment)]byte(sum)
		out.Witnesses = append(out.Witnesses, w)
	}
	return out, nil
}

func lined(text string) (out []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (p *pages) deskFreeze(w http.ResponseWriter, r *http.Request) error {
	var in freezeInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	var x ration.FreezeInput
	if err == nil {
		x, err = in.freeze(id)
	}
	var d ration.Draw
	if err == nil {
		d, err = p.Freeze(r.Context(), web.Principal(r), x)
	}
	if err != nil {
		return p.campaignAgain(r, "freeze", atField(err, "day"))
	}
	web.Flash(w, r, ui.Valid, "supplydesk.frozen", d.Hash[:16], "n", d.Entries)
	return web.Done(w, r, campaignAt(id), drawSaid(d))
}

// runInput draws a frozen list by its values, one a line in hex: the beacon's signature,
// or the witnesses' secrets in their order.
type runInput struct {
	Day    string `form:"day" json:"day" max:"10"`
	Values string `form:"values" json:"values" max:"20000"`
}

func (in runInput) values() (on ration.Day, out [][]byte, err error) {
	if on, err = day(in.Day); err != nil {
		return on, nil, err
	}
	for _, line := range lined(in.Values) {
		v, err := hex.DecodeString(line)
		if err != nil {
			return on, nil, fault.New(fault.Invalid, "fault.fields").With("values", "supplydesk.value_line")
		}
		out = append(out, v)
	}
	return on, out, nil
}

func (p *pages) deskDraw(w http.ResponseWriter, r *http.Request) error {
	var in runInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	var on ration.Day
	var values [][]byte
	if err == nil {
		on, values, err = in.values()
	}
	var d ration.Draw
	if err == nil {
		d, err = p.RunDraw(r.Context(), web.Principal(r), id, on, values...)
	}
	if err != nil {
		return p.campaignAgain(r, "draw", atField(err, "values"))
	}
	web.Flash(w, r, ui.Valid, "supplydesk.drawn", "", "n", d.Places)
	return web.Done(w, r, campaignAt(id), drawSaid(d))
}

// drawDone is a draw with its day, for a program.
type drawDone struct {
	Day     string `json:"day"`
	State   string `json:"state" enum:"frozen,drawn,placed"`
	Entries int64  `json:"entries"`
	Places  int64  `json:"places"`
	Hash    string `json:"hash" doc:"SHA-256 of the frozen list."`
	Round   uint64 `json:"round,omitempty" doc:"Of the beacon; absent with witnesses."`
}

func drawSaid(d ration.Draw) drawDone {
	return drawDone{d.Day.String(), d.State, d.Entries, d.Places, d.Hash, d.Round}
}
