package app

import (
	"slices"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// applicants are what rationed supplies ask of whoever asks for some.
type applicants struct{ *App }

// PersonFacts is what the district knows of a person.
func (a applicants) PersonFacts(r storage.Reader, person string) (map[string]any, error) {
	p, err := a.Parties.Get(r, person)
	if err != nil {
		return nil, err
	}
	on, err := a.Resume.OnRoster(r, []string{person})
	if err != nil {
		return nil, err
	}
	facts := map[string]any{"on_roster": slices.Contains(on, person)}
	now := a.Config.Clock().In(a.Home.Location())
	if id, err := ident.MainlandID(p.IDNumber, now); err == nil && p.IDKind == ident.KindMainland {
		age := now.Year() - id.Birth.Year()
		if now.YearDay() < id.Birth.AddDate(age, 0, 0).YearDay() {
			age--
		}
		facts["age"] = int64(age)
	}
	return facts, nil
}

// Speaks is whether somebody has an account of their own, or could have one by now.
func (a applicants) Speaks(r storage.Reader, person string) (bool, error) {
	if own, err := a.Auth.Personal(r, person); own || err != nil {
		return own, err
	}
	on, err := a.Resume.OnRoster(r, []string{person})
	return len(on) > 0, err
}

// FirmFacts is what the district knows of a firm.
func (a applicants) FirmFacts(r storage.Reader, firm string) (map[string]any, error) {
	f, err := a.Resume.Sketch(r, firm)
	if err != nil {
		return nil, err
	}
	facts := map[string]any{"returned": f.Roster, "certified": f.Certified}
	if f.Class != "" {
		facts["headcount"], facts["key_firm"] = f.Declared, f.Class == workresume.Priority
	}
	return facts, nil
}

// Returned are the people on a firm's roster, up to a hundred thousand.
func (a applicants) Returned(r storage.Reader, firm string) ([]string, error) {
	return a.Resume.People(r, auth.OfFirm(firm), 100_000)
}
