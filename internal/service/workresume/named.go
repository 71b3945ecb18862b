package workresume

import (
	"context"
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/storage"
)

// A row that gives a known ID number another name is a slip in one of the two far
// more often than a new name, and the phone beside it would open the first person's
// own page to the second. So no file changes a name: an officer does, who saw why.

// askNames refuses the rows that would rename somebody. Only people the row would
// change are opened: a roster sent again just as it was opens nobody.
func (in *intake) askNames(tx *storage.Tx, plans []plan) error {
	var ids []party.ID
	for _, p := range plans {
		if p.renews() {
			ids = append(ids, p.person)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := in.Parties.Open(tx, ids...)
	if err != nil {
		return err
	}
	for i, p := range plans {
		k, ok := known[p.person]
		if ok && p.renews() && !party.SameName(k.Name, p.entry.person.Name) {
			plans[i].what, plans[i].was = misnamed, k.Name
		}
	}
	return nil
}

// renews is whether the row would take over what it says of a person known already.
func (p plan) renews() bool {
	return p.person != "" && p.known && (p.what == joins || p.what == rejoins || p.what == changes)
}

// misnamed is the row as refused. The name on record is said, masked, to the firm
// whose roster gave it, and to no other.
func (in *intake) misnamed(id string, p plan) (fall, error) {
	typed := ident.MaskName(p.entry.person.Name)
	why := in.file.Fault(roster.FieldName, "workresume.row_name_other", typed)
	if p.ours {
		why = in.file.Fault(roster.FieldName, "workresume.row_name_differs", typed, "known", ident.MaskName(p.was))
	}
	return in.refuse(id, p.line, p.raw, []roster.CellFault{why})
}

// RenameInput corrects the name of a person on a firm's roster. Reason is what the
// officer saw: it is kept with the old name.
type RenameInput struct {
	Firm, Person string
	Name, Reason string
	Key          once.Key
}

// The length of a reason in characters, as for looking at a person in the open.
const reasonLeast, reasonMost = 4, 200

func (in *RenameInput) mend() error {
	in.Name, in.Reason = ident.Fold(in.Name), strings.TrimSpace(in.Reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Name == "" {
		bad.With("name", "party.name")
	}
	switch {
	case utf8.RuneCountInString(in.Reason) > reasonMost:
		bad.With("reason", "party.reason_long", "max", reasonMost)
	case !reasoned(in.Reason, reasonLeast, reasonMost):
		bad.With("reason", "party.reason", "min", reasonLeast)
	}
	return bad.OrNil()
}

// renamedBody is sealed under the person's key.
type renamedBody struct {
	Firm   string `json:"firm"`
	Was    string `json:"was"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Rename corrects the name of a person on a firm's roster, or one who left it. The
// codes signed under the old name end; the firm is told that a name was corrected,
// and sends its next file with the new one.
//
// Faults: Invalid, Denied, NotFound.
func (s *Service) Rename(ctx context.Context, by auth.Principal, in RenameInput) (Member, error) {
	if err := in.mend(); err != nil {
		return Member{}, err
	}
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := s.permitFirm(tx, by, MayDecide, in.Firm); err != nil {
			return err
		}
		_, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) { return in.Person, s.rename(tx, by, in) })
		return err
	})
	if err != nil {
		return Member{}, err
	}
	list, err := s.MembersOf(ctx, by, in.Firm, []string{in.Person})
	if err != nil {
		return Member{}, err
	}
	return list[0], nil
}

func (s *Service) rename(tx *storage.Tx, by auth.Principal, in RenameInput) error {
	if err := s.belongs(tx, in.Firm, in.Person, factLeft); err != nil {
		return err
	}
	was, err := s.Parties.Get(tx, in.Person)
	if err != nil || was.Name == in.Name {
		return err
	}
	if _, err := s.Parties.Update(tx, in.Person, s.Clock(), func(p *party.Person) { p.Name = in.Name }); err != nil {
		return err
	}
	// The digest is of no row: a file that still has the old name must be seen to differ.
	if _, err := tx.Exec(`update workresume_member set digest = $1 where person = $2`, []byte{0}, in.Person); err != nil {
		return err
	}
	if err := s.withdrawPasses(tx, in.Person); err != nil {
		return err
	}
	s.changed(tx, "", in.Person)
	if err := s.tell(tx, in.Firm, "workresume.told_renamed", nil); err != nil {
		return err
	}
	if err := s.record(tx, by, factNameCorrected, in.Firm, map[string]any{"people": []string{in.Person}}); err != nil {
		return err
	}
	return s.recordPerson(tx, by, factRenamed, party.Stream(in.Person), in.Person, renamedBody{in.Firm, was.Name, in.Name, in.Reason})
}
