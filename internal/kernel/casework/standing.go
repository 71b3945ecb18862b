package casework

import "breakwater/internal/storage"

// subjectsMost is how many subjects one statement asks about.
const subjectsMost = 500

// StandingOf are the cases of a kind that are not closed, by subject: one look for
// many subjects, where asking for each would be a way to the database and back.
func (s *Store) StandingOf(r storage.Reader, kind string, subjects []string) (map[string]Case, error) {
	out := map[string]Case{}
	for len(subjects) > 0 {
		part := subjects[:min(len(subjects), subjectsMost)]
		subjects = subjects[len(part):]
		list, args := storage.In(2, part)
		found, err := storage.All(r, func(rows *storage.Rows) (Case, error) { return s.scan(rows) },
			`select `+caseColumns+` from casework_case where kind = $1 and subject in (`+list+`) and standing = ''`, append([]any{kind}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			out[c.Subject] = c
		}
	}
	return out, nil
}
