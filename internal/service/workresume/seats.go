package workresume

import (
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// OnRoster keeps of people those who are on a roster now.
func (s *Service) OnRoster(r storage.Reader, people []string) ([]string, error) {
	if len(people) == 0 {
		return nil, nil
	}
	list, args := storage.In(1, people)
	return storage.All(r, scanText, `select person from workresume_member where departed = 0 and person in (`+list+`) order by person`, args...)
}

// People are at most n people on rosters inside a scope, in a stable order; the
// zero scope is everywhere.
func (s *Service) People(r storage.Reader, at auth.Scope, n int) ([]string, error) {
	switch at.Kind {
	case auth.AtPerson:
		return s.OnRoster(r, []string{at.ID})
	case auth.AtFirm:
		return storage.All(r, scanText, `select person from workresume_member where firm = $1 and departed = 0 order by person limit $2`, at.ID, n)
	case auth.AtPark:
		return storage.All(r, scanText, `select m.person from workresume_member m join workresume_firm f on f.firm = m.firm
			where f.park = $1 and m.departed = 0 order by m.person limit $2`, at.ID, n)
	}
	return storage.All(r, scanText, `select person from workresume_member where departed = 0 order by person limit $1`, n)
}

// FirmsIn are at most n firms inside a scope, certified ones first.
func (s *Service) FirmsIn(r storage.Reader, at auth.Scope, n int) ([]Listed, error) {
	const columns = `select firm, name, credit_code, park, state, since, class, declared, roster, reviews, attention from workresume_firm `
	switch at.Kind {
	case auth.AtFirm:
		return storage.All(r, scanListed, columns+`where firm = $1`, at.ID)
	case auth.AtPark:
		return storage.All(r, scanListed, columns+`where park = $1 order by attention, firm limit $2`, at.ID, n)
	}
	return storage.All(r, scanListed, columns+`order by attention, firm limit $1`, n)
}

// FirmOf is at most one firm: the one whose roster has the person now.
func (s *Service) FirmOf(r storage.Reader, person string) ([]Listed, error) {
	return storage.All(r, scanListed, `select f.firm, f.name, f.credit_code, f.park, f.state, f.since, f.class, f.declared, f.roster, f.reviews, f.attention
		from workresume_member m join workresume_firm f on f.firm = m.firm where m.person = $1 and m.departed = 0`, person)
}

func scanText(rows *storage.Rows) (string, error) {
	var s string
	return s, rows.Scan(&s)
}
