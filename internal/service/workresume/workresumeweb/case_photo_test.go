package workresumeweb_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
)

// A firm's evidence and an officer's look at the place: each is shown to who may see
// it, and nobody else learns that it is there.
func TestPhotosByForm(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, by := w.register(t)
		firm, desk := w.caller(by), w.caller(w.officer)
		var shot bytes.Buffer
		ok(t, jpeg.Encode(&shot, image.NewGray(image.Rect(0, 0, 60, 40)), nil))
		post := func(as auth.Principal, path, name string, file []byte) string {
			t.Helper()
			kind, body := form(name, file, "key", "p-"+name)
			text, err := io.ReadAll(body)
			ok(t, err)
			sent := bytes.Replace(text, []byte(`name="file"`), []byte(`name="photo"`), 1)
			return w.caller(as).Send("POST", path, kind, bytes.NewReader(sent), "Accept", "text/html").Want(t, 303).Header.Get("Location")
		}
		firm.Form("/firm/file", "class", "other", "industry", "cinema", "promise", "on", "signatory", "王经理", "declared_headcount", "1",
			"masks", "9", "thermometers", "1", "disinfectant_litres", "1").Want(t, 303)
		post(by, "/firm/appeal/photos", "early.jpg", shot.Bytes()) // no appeal yet: said on the page
		firm.Form("/firm/appeal", "reason", "我们不是影院，附营业执照照片").Want(t, 303)
		post(by, "/firm/appeal/photos", "a.jpg", shot.Bytes())
		post(by, "/firm/appeal/photos", "b.jpg", shot.Bytes()) // the same again
		page := firm.Get("/firm/appeal").Want(t, 200, "/photos/pho_").Body
		if n := strings.Count(page, "size=small"); n != 1 {
			t.Fatalf("%d photos", n)
		}
		at := strings.Index(page, "/firm/case/")
		src := page[at : at+strings.IndexAny(page[at:], `"?`)]
		if h := firm.Get(src).Want(t, 200).Header; h.Get("Content-Type") != "image/jpeg" || !strings.Contains(h.Get("Cache-Control"), "no-store") {
			t.Errorf("%v", h)
		}
		id, photo, _ := strings.Cut(strings.TrimPrefix(src, "/firm/case/"), "/photos/")
		desk.Get("/desk/cases/"+id).Want(t, 200, "/desk/cases/"+id+"/photos/"+photo, "企业提交")
		desk.Get("/desk/cases/"+id+"/photos/"+photo+"?size=small").Want(t, 200)
		desk.Get("/desk/cases/"+id+"/photos/pho_none").Want(t, 404)
		_, stranger := w.register(t)
		w.caller(stranger).Get(src).Want(t, 404)

		// What an officer took stays with the district.
		var place bytes.Buffer
		ok(t, jpeg.Encode(&place, image.NewGray(image.Rect(0, 0, 90, 40)), nil))
		if to := post(w.officer, "/desk/cases/"+id+"/photos", "c.jpg", place.Bytes()); to != "/desk/cases/"+id {
			t.Errorf("sent to %s", to)
		}
		post(w.officer, "/desk/cases/"+id+"/photos", "d.txt", []byte("no picture"))
		if n := strings.Count(desk.Get("/desk/cases/"+id).Body, "size=small"); n != 2 {
			t.Errorf("the officer sees %d", n)
		}
		if n := strings.Count(firm.Get("/firm/appeal").Body, "size=small"); n != 1 {
			t.Errorf("the firm sees %d", n)
		}
	})
}
