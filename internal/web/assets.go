package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/web/ui"
)

// static is what the bundler made; on a clean clone it holds a placeholder
// only, and every page says how to build it.
//
//go:embed all:static
var static embed.FS

// assets serves the bundle: every name carries a hash of its content, so that
// it may be kept for ever.
type assets struct {
	files    map[string]asset  // by hashed name
	manifest map[string]string // plain name to address
}

type asset struct {
	kind        string
	plain, zips []byte
}

func openAssets(fsys fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}, manifest: map[string]string{}}
	data, err := fs.ReadFile(fsys, "static/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	var names map[string]string
	if err := json.Unmarshal(data, &names); err != nil {
		return nil, fmt.Errorf("static/manifest.json: %w", err)
	}
	for plain, hashed := range names {
		one := asset{kind: kindOf(hashed)}
		if one.plain, err = fs.ReadFile(fsys, "static/"+hashed); err != nil {
			return nil, err
		}
		if one.zips, err = fs.ReadFile(fsys, "static/"+hashed+".gz"); errors.Is(err, fs.ErrNotExist) {
			one.zips = nil
		} else if err != nil {
			return nil, err
		}
		a.files[hashed] = one
		a.manifest[plain] = "/static/" + hashed
	}
	return a, nil
}

// kindOf names the type itself: a machine's own table may lack or bend it.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func (a *assets) page() ui.Assets { return ui.Assets{Built: len(a.files) > 0, URL: a.url} }

// url is the address of a bundled file, or one that answers 404.
func (a *assets) url(name string) string {
	if u, ok := a.manifest[name]; ok {
		return u
	}
	return "/static/" + name
}

func (a *assets) serve(w http.ResponseWriter, r *http.Request) error {
	f, ok := a.files[strings.TrimPrefix(r.URL.Path, "/static/")]
	if !ok {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if f.zips != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.zips
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = bytes.NewReader(body).WriteTo(w) // the caller has gone, if anything
	return nil
}
