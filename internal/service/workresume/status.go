package workresume

import (
	"context"
	"time"

	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// What the public status list says of certificates and passes follows the
// decision in its own transaction. A certificate that ends is revoked, since the
// next one is another; passes of a firm that may not work are suspended and hold
// again with it, so that a printed code need not be printed anew; the passes of
// somebody who left are revoked.

// placeFor gives a statement that lives until a moment its place in a status list:
// the one it takes over, or a new one. Not inside a Write.
func (s *Service) placeFor(ctx context.Context, kept statuslist.Ref, until time.Time) (statuslist.Ref, *credential.StatusRef, error) {
	var err error
	if kept.Zero() {
		kept, err = s.Status.Allot(ctx, until)
	} else {
		err = s.Status.Keep(ctx, kept, until)
	}
	return kept, &credential.StatusRef{URI: s.Status.URI(kept.List), Index: uint64(kept.Place)}, err
}

func scanPlace(rows *storage.Rows) (statuslist.Ref, error) {
	var text string
	err := rows.Scan(&text)
	return statuslist.ParseRef(text), err
}

// revokeEnded says for good that a certificate does not hold that ended between its decision and its signature, and
// suspends one whose firm is.
func (s *Service) revokeEnded(tx *storage.Tx, certificate string, place statuslist.Ref) error {
	var ended int64
	var watch Watch
	err := tx.Row(`select c.ended, f.watch from workresume_certificate c join workresume_firm f on f.firm = c.firm where c.certificate = $1`, certificate).Scan(&ended, &watch)
	switch {
	case err != nil:
		return err
	case ended != 0:
		return s.Status.Set(tx, statuslist.Invalid, place)
	case watch == Suspended:
		return s.Status.Set(tx, statuslist.Suspended, place)
	}
	return nil
}

// withdrawPasses ends the passes of people who are no longer where these say. The
// rows stay for their short codes; the next showing signs anew.
func (s *Service) withdrawPasses(tx *storage.Tx, people ...string) error {
	tx.OnCommit(func() { s.roll.forgetPasses(people) })
	for _, p := range people {
		places, err := storage.All(tx, scanPlace, `select status from workresume_pass where person = $1 and status <> ''`, p)
		if err != nil {
			return err
		}
		if err := s.Status.Set(tx, statuslist.Invalid, places...); err != nil {
			return err
		}
		if _, err := tx.Exec(`update workresume_pass set firm = '', status = '' where person = $1`, p); err != nil {
			return err
		}
	}
	return nil
}

// signAnewPage is how many statements one transaction of SignAnew marks.
const signAnewPage = 500

// SignAnew forgets every signed text, after the key that signed them was lost:
// certificates and passes are signed again when they are next shown. What the roll
// remembers to have verified is not believed from now on.
func (s *Service) SignAnew(ctx context.Context) error {
	s.roll.clear()
	for _, x := range []struct{ list, forget string }{
		{`select certificate from workresume_certificate where certificate > $1 and credential <> '' order by certificate limit $2`, `update workresume_certificate set credential = '' where certificate in (`},
		{`select distinct person from workresume_pass where person > $1 and until > 0 order by person limit $2`, `update workresume_pass set until = 0 where person in (`},
	} {
		for after := ""; ; {
			var page []string
			err := s.Store.WriteLow(ctx, func(tx *storage.Tx) (err error) {
				if page, err = storage.All(tx, scanText, x.list, after, signAnewPage); err != nil || len(page) == 0 {
					return err
				}
				tx.OnCommit(s.roll.clear)
				in, args := storage.In(1, page)
				_, err = tx.Exec(x.forget+in+`)`, args...)
				return err
			})
			if err != nil {
				return err
			}
			if len(page) < signAnewPage {
				break
			}
			after = page[len(page)-1]
		}
	}
	return nil
}
