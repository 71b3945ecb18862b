package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/draw"
)

type drawReplay struct {
	File string `arg:"" help:"A transcript, or a frozen list that is not drawn yet."`
	Won  string `help:"Say too which place this entry was drawn for." placeholder:"ENTRY"`
	JSON bool   `help:"Answer in JSON." name:"json"`
}

// replayed is the answer in JSON. Code is why it is not OK.
type replayed struct {
	OK      bool   `json:"ok"`
	ID      string `json:"id,omitempty"`
	Title   string `json:"title,omitempty"`
	List    string `json:"list,omitempty"` // SHA-256 of the frozen list, in hex
	Entries int    `json:"entries"`
	Drawn   int    `json:"drawn"` // winners and reserve
	Code    string `json:"code,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Pot     string `json:"pot,omitempty"`   // of the entry asked for
	Place   int    `json:"place,omitempty"` // where it was drawn, from 1; 0: not drawn
}

// Run replays a draw. It needs no store: whoever has the file and the program can do it.
func (c drawReplay) Run(s *session) error {
	f, err := os.Open(s.path(c.File))
	if err != nil {
		return err
	}
	defer f.Close()
	p := s.printer()
	t, err := draw.Read(f)
	out := replayed{}
	if err == nil {
		out.ID, out.Title, out.List = t.List.ID, t.List.Title, hex.EncodeToString(t.Hash[:])
		for _, pot := range t.List.Pots {
			out.Entries += len(pot.Entries)
		}
		for _, d := range t.Drawn {
			out.Drawn += len(d)
		}
		out.Pot, out.Place = t.Place(c.Won)
		err = t.Replay()
	}
	var bad *fault.Error
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	if out.OK = err == nil; !out.OK {
		out.Code, out.Reason = bad.Code, p.Fault(bad)
	}
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(out)
	} else {
		c.tell(s, out)
		err = nil
	}
	if err == nil && !out.OK {
		return errSaid
	}
	return err
}

func (c drawReplay) tell(s *session, out replayed) {
	p := s.printer()
	if out.ID != "" {
		fmt.Fprintln(s.out, p.T("command.draw_of", "title", out.Title, "id", out.ID, "entries", out.Entries, "list", out.List))
	}
	if !out.OK {
		fmt.Fprintln(s.out, out.Reason)
		return
	}
	fmt.Fprintln(s.out, p.T("command.draw_holds", "drawn", out.Drawn))
	switch {
	case c.Won == "":
	case out.Place > 0:
		fmt.Fprintln(s.out, p.T("command.draw_place", "entry", c.Won, "pot", out.Pot, "place", out.Place))
	default:
		fmt.Fprintln(s.out, p.T("command.draw_no_place", "entry", c.Won))
	}
}

type drawCommit struct {
	Draw string `arg:"" help:"The draw's id."`
	Name string `arg:"" help:"The witness, as the list will say it."`
}

// Run chooses a witness's secret. It is printed once and kept nowhere.
func (c drawCommit) Run(s *session) error {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, s.printer().T("command.draw_commit",
		"name", c.Name, "commitment", fmt.Sprintf("%x", draw.Commit(c.Draw, c.Name, secret[:])), "secret", fmt.Sprintf("%x", secret)))
	return err
}
