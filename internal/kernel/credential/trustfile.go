package credential

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/emmansun/gmsm/smx509"

	"breakwater/internal/fault"
)

// maxTrustFile bounds one file of a trust list, in bytes.
const maxTrustFile = 16 << 20

// LoadTrust reads a trust list (JSON, see List), a PEM or DER file, or every *.json,
// *.pem, *.crt, *.cer and *.der in a folder. Certificates are trusted for HC1; bare public keys for both schemes,
// with the key id of their PEM header "kid" (hex) or else the first eight bytes
// of the SHA-256 of their DER. One unreadable entry refuses the whole list:
// a list with silent holes would turn good certificates away.
//
// Faults: NotFound "credential.trust_missing"; Invalid "credential.trust_file".
func LoadTrust(path string) (*Trust, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "credential.trust_missing", "file", path)
	}
	files := []string{path}
	if info.IsDir() {
		files = files[:0]
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			switch strings.ToLower(filepath.Ext(name)) {
			case ".json", ".pem", ".crt", ".cer", ".der":
				if err == nil && !d.IsDir() {
					files = append(files, name)
				}
			}
			return err
		})
		if err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "credential.trust_missing", "file", path)
		}
	}
	t := NewTrust()
	for _, name := range files {
		if err := t.load(name); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "credential.trust_file", "file", name)
		}
	}
	if t.set() == nil {
		return nil, fault.New(fault.Invalid, "credential.trust_file", "file", path)
	}
	return t, nil
}

func (t *Trust) load(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.Size() > maxTrustFile {
		return fault.New(fault.TooLarge, "credential.trust_key")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if len(data) > 0 && data[0] == 0x30 { // DER
		if cert, err := x509.ParseCertificate(data); err == nil {
			return t.AddCertificate(cert)
		}
		return t.addPublic(data, nil)
	}
	if body := bytes.TrimSpace(data); len(body) > 0 && body[0] == '{' {
		return t.AddList(data)
	}
	found := false
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if err := t.addBlock(block); err != nil {
			return err
		}
		found = true
	}
	if !found || len(bytes.TrimSpace(data)) > 0 && bytes.Contains(data, []byte("-----BEGIN")) {
		return fault.New(fault.Invalid, "credential.trust_key")
	}
	return nil
}

func (t *Trust) addBlock(b *pem.Block) error {
	switch b.Type {
	case "CERTIFICATE":
		cert, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return err
		}
		return t.AddCertificate(cert)
	case "PUBLIC KEY":
		var kid []byte
		if text := b.Headers["kid"]; text != "" {
			var err error
			if kid, err = hex.DecodeString(text); err != nil {
				return err
			}
		}
		return t.addPublic(b.Bytes, kid)
	}
	return fault.New(fault.Invalid, "credential.trust_key")
}

func (t *Trust) addPublic(der, kid []byte) error {
	public, err := smx509.ParsePKIXPublicKey(der) // the standard library's, and SM2
	if err != nil {
		return err
	}
	if kid == nil {
		sum := sha256.Sum256(der)
		kid = sum[:8]
	}
	return t.add(kid, public, trusted{own: true, foreign: true})
}

// PEM writes a signing key's public half as LoadTrust reads it, key id included,
// for those who check our codes without our server.
//
// Faults: Internal "credential.key" when the key cannot be encoded.
func PEM(kid []byte, public *ecdsa.PublicKey) ([]byte, error) {
	der, err := smx509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "credential.key")
	}
	return pem.EncodeToMemory(&pem.Block{
		Type: "PUBLIC KEY", Headers: map[string]string{"kid": hex.EncodeToString(kid)}, Bytes: der,
	}), nil
}
