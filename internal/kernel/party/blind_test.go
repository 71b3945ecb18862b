package party_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// Whoever steals the database file learns nobody's name, number or phone. A
// firm's public name, planted beside them, proves that the search would see.
func TestNothingReadableInTheFile(t *testing.T) {
	target := storagetest.Target(t, storage.SQLite)
	db, err := storage.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), party.Module()); err != nil {
		t.Fatal(err)
	}
	s := party.New(ring(t))
	who := party.Person{Name: "诸葛定波", IDKind: ident.KindMainland, IDNumber: worker(77).IDNumber, Phone: "13857411226", Address: "沧海路一千零一号", Native: "舟山嵊泗"}
	const firm, firmPhone = "宁波潮汐测试有限公司", "057487651234"
	if err := db.Write(t.Context(), func(tx *storage.Tx) error {
		if _, _, err := s.Ensure(tx, who, now); err != nil {
			return err
		}
		_, _, err := s.AddOrganisation(tx, party.Organisation{CreditCode: ident.MakeCreditCode("91330201MA2AF0009"), Name: firm, Phone: firmPhone}, now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	inFiles := func(when string) {
		t.Helper()
		var bytesOnDisk []byte
		files, err := filepath.Glob(strings.TrimPrefix(target, "sqlite:") + "*") // with -wal and -shm
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			bytesOnDisk = append(bytesOnDisk, b...)
		}
		for what, text := range map[string]string{
			"name": who.Name, "given name": "定波", "ID number": who.IDNumber, "birth date": who.IDNumber[6:14],
			"phone": who.Phone, "address": who.Address, "native place": who.Native, "firm's phone": firmPhone,
		} {
			if bytes.Contains(bytesOnDisk, []byte(text)) {
				t.Errorf("%s: the %s can be read in %v", when, what, files)
			}
		}
		if !bytes.Contains(bytesOnDisk, []byte(firm)) {
			t.Errorf("%s: the firm's public name is not in %v: this test sees nothing", when, files)
		}
	}
	inFiles("open")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	inFiles("closed")
}
