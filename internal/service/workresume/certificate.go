package workresume

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// signed completes a firm with its certificate's signed text. Signing follows the
// decision, outside the transaction: whoever first asks for the text signs it, and
// the first one stored stands.
func (s *Service) signed(ctx context.Context, f Firm) (Firm, error) {
	c := f.Certificate
	if c == nil || c.Text != "" {
		return f, nil
	}
	place, where, err := s.placeFor(ctx, statuslist.Ref{}, c.Until)
	if err != nil {
		return f, err
	}
	text, err := s.Signer.Sign(credential.Claims{
		Status: where, Kind: credential.Firm, ID: c.ID, Issuer: s.Issuer, Subject: f.CreditCode, Issued: c.Issued, Expires: c.Until,
		Name: f.Name, Class: string(f.Filing.Class), Headcount: f.Filing.Declared, Page: s.PageURL(c.Code),
	})
	if err != nil {
		return f, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update workresume_certificate set credential = $1, status = $2 where certificate = $3 and credential = ''`, text, place.String(), c.ID)
		if err != nil {
			return err
		}
		if n == 1 {
			if err := s.revokeEnded(tx, c.ID, place); err != nil {
				return err
			}
		}
		return tx.Row(`select credential from workresume_certificate where certificate = $1`, c.ID).Scan(&text)
	})
	done := *c
	done.Text = text
	f.Certificate = &done
	return f, err
}

// PageURL is the public page of a certificate.
func (s *Service) PageURL(code string) string { return s.PublicURL + "/c/" + code }

// Public is what anyone may see of a firm: whether its workplace is open.
type Public struct {
	Name        string       `json:"name"`
	CreditCode  string       `json:"credit_code"`
	Class       Class        `json:"class"`
	State       State        `json:"state"`
	Certificate *Certificate `json:"certificate"`
}

// ByCertificate answers the public page: the firm's state now, under the code on
// its door. A code that once stood still finds its firm, so that an old print
// does not look valid by silence.
//
// Faults: NotFound.
func (s *Service) ByCertificate(ctx context.Context, code string) (Public, error) {
	unknown := fault.New(fault.NotFound, "workresume.certificate_unknown")
	code, err := ident.CheckAloud(code)
	if err != nil {
		return Public{}, unknown
	}
	var f row
	var shown *Certificate
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if shown, err = s.loadCertificate(r, "code", code); err != nil {
			return err
		}
		if shown == nil {
			return unknown
		}
		f, err = s.load(r, shown.Firm)
		return err
	})
	if err != nil {
		return Public{}, err
	}
	f.Certificate = shown
	full, err := s.signed(ctx, f.Firm)
	return Public{Name: f.Name, CreditCode: f.CreditCode, Class: f.Filing.Class, State: f.State, Certificate: full.Certificate}, err
}
