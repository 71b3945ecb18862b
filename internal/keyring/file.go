package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"breakwater/internal/fault"
)

const format = 1

// contents is the file. Sealing and Hashing are Tink keysets in Tink's own JSON.
type contents struct {
	Format  int             `json:"format"`
	Store   string          `json:"store"`
	Sealing json.RawMessage `json:"sealing"`
	Hashing json.RawMessage `json:"hashing"`
	Signing []signingEntry  `json:"signing"`
	Log     []byte          `json:"log"` // Ed25519 seed
	// Check is the SHA-256 of the file without it: a damaged key must be found
	// when the file is opened, not when the first sealed name does not open.
	Check []byte `json:"check,omitempty"`
}

type signingEntry struct {
	Purpose string `json:"purpose"`
	Public  []byte `json:"public"`            // SubjectPublicKeyInfo
	Private []byte `json:"private,omitempty"` // PKCS #8; gone once the key is retired

	From    time.Time `json:"from,omitzero"`    // when it begins to sign; zero: at once
	Until   time.Time `json:"until,omitzero"`   // nothing it signed is believed later; zero while none follows it
	Revoked time.Time `json:"revoked,omitzero"` // it was lost: nothing it signed is believed
}

// Open opens the ring of a store, making the folder, the file and the keys when
// there are none. Whoever knows that the store already holds data uses Load.
//
// Faults: Invalid "keyring.open_to_others", "keyring.damaged", "keyring.name";
// those of Load but "keyring.missing".
func Open(dir, storeID string) (*Ring, error) { return OpenFor(dir, storeID, ES256) }

// OpenFor is Open for a district whose first keys sign by this algorithm.
func OpenFor(dir, storeID, algorithm string) (*Ring, error) {
	r, err := Load(dir, storeID)
	if !fault.Is(err, "keyring.missing") {
		return r, err
	}
	held, err := fresh(storeID, algorithm)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the key folder: %w", err)
	}
	// Another process may have been first; then its keys are the store's.
	if err := held.save(pathOf(dir, storeID), false); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return Load(dir, storeID)
}

// Load opens the ring of a store that must have one. New keys beside old data
// would leave every name in it sealed for ever, so none are made.
//
// Faults: NotFound "keyring.missing"; Invalid "keyring.open_to_others" (others
// on the machine may read the file), "keyring.damaged", "keyring.name".
func Load(dir, storeID string) (*Ring, error) {
	if !storeName.MatchString(storeID) {
		return nil, fault.New(fault.Invalid, "keyring.name", "name", storeID)
	}
	path := pathOf(dir, storeID)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "keyring.missing", "path", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return nil, fault.New(fault.Invalid, "keyring.open_to_others", "path", path, "mode", fmt.Sprintf("%04o", mode))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	held, err := parse(data)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "keyring.damaged", "path", path)
	}
	before := len(held.Signing)
	if err := held.complete(ES256); err != nil {
		return nil, err
	}
	r, err := ready(path, held)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "keyring.damaged", "path", path)
	}
	if len(held.Signing) != before {
		return r, held.save(path, true)
	}
	return r, nil
}

// Export returns the whole ring for a backup. It holds every secret: the caller
// keeps it as carefully as the store itself.
func (r *Ring) Export() ([]byte, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.held.bytes()
}

// Import writes a ring that Export gave as the ring of a store. Importing the
// same ring twice changes nothing.
//
// Faults: Invalid "keyring.damaged", "keyring.name"; Conflict "keyring.exists"
// when the store already has other keys.
func Import(dir, storeID string, data []byte) error {
	if !storeName.MatchString(storeID) {
		return fault.New(fault.Invalid, "keyring.name", "name", storeID)
	}
	path := pathOf(dir, storeID)
	held, err := parse(data)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "keyring.damaged", "path", path)
	}
	held.Store = storeID
	given, err := ready("", held)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "keyring.damaged", "path", path)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the key folder: %w", err)
	}
	err = held.save(path, false)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	there, err := Load(dir, storeID)
	if err != nil {
		return err
	}
	if there.Fingerprint() != given.Fingerprint() {
		return fault.New(fault.Conflict, "keyring.exists", "path", path)
	}
	return held.save(path, true)
}

var storeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`) // becomes a file name

func pathOf(dir, storeID string) string { return filepath.Join(dir, storeID+".json") }

func parse(data []byte) (contents, error) {
	var c contents
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, errors.New("not a key file") // the decoder's own words could quote a key
	}
	if c.Format != format {
		return c, fmt.Errorf("format %d is not known", c.Format)
	}
	said := c.Check
	if sum, err := c.sum(); err != nil || !bytes.Equal(sum, said) {
		return c, errors.New("the check sum does not match")
	}
	return c, nil
}

func (c contents) sum() ([]byte, error) {
	c.Check = nil
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	s := sha256.Sum256(b)
	return s[:], nil
}

func (c contents) bytes() ([]byte, error) {
	var err error
	if c.Check, err = c.sum(); err != nil {
		return nil, err
	}
	return json.MarshalIndent(c, "", "  ")
}

func (c contents) clone() contents {
	c.Signing = slices.Clone(c.Signing)
	return c
}

// ready builds the working keys.
func ready(path string, c contents) (*Ring, error) {
	r := &Ring{path: path, held: c}
	h, err := readKeyset(c.Sealing)
	if err != nil {
		return nil, err
	}
	if r.sealing, err = aead.New(h); err != nil {
		return nil, err
	}
	if h, err = readKeyset(c.Hashing); err != nil {
		return nil, err
	}
	if r.hashing, err = prf.NewPRFSet(h); err != nil {
		return nil, err
	}
	for _, e := range c.Signing {
		k, err := readSigner(e)
		if err != nil {
			return nil, err
		}
		r.signing = append(r.signing, k)
	}
	if len(c.Log) != ed25519.SeedSize {
		return nil, errors.New("the log key is of another length")
	}
	return r, nil
}

func readKeyset(data []byte) (*keyset.Handle, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return nil, errors.New("a keyset cannot be read")
	}
	return h, nil
}

// writeKeyset gives compact JSON, so that the check sum does not depend on
// how the file is indented.
func writeKeyset(h *keyset.Handle) ([]byte, error) {
	var b, out bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		return nil, err
	}
	if err := json.Compact(&out, b.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
