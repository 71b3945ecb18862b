package workresume

import (
	"strings"

	"breakwater/internal/fault"
)

// Check says what Decide would refuse of this word about f, before anybody is asked
// to confirm it.
//
// Faults: Invalid with fields, Conflict when the firm has not filed or nothing is to
// be handed back.
func (in DecideInput) Check(f Firm) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	in.Reason = strings.TrimSpace(in.Reason)
	in.valid(bad)
	if err := bad.OrNil(); err != nil {
		return err
	}
	if f.Filing == nil {
		return fault.New(fault.Conflict, "workresume.not_filed")
	}
	if in.State == "" && f.Override == nil {
		return fault.New(fault.Conflict, "workresume.no_override")
	}
	return nil
}
