package auth

import "breakwater/internal/storage"

// Personal reports whether a person has an account of their own, open or shut.
func (s *Service) Personal(r storage.Reader, person string) (bool, error) {
	var one int64
	err := r.Row(`select 1 from auth_account where role in ($1, $2) and scope_kind = $3 and scope_id = $4 limit 1`,
		string(Worker), string(Resident), AtPerson, person).Scan(&one)
	if storage.NoRows(err) {
		return false, nil
	}
	return err == nil, err
}
