package app

import (
	"context"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// turns tells people by a short message that their turn in a waiting room has come.
type turns struct{ *App }

// Turn implements ration.Messages. It says nothing of the person, and is in the
// district's first language: a phone has not chosen one.
func (t turns) Turn(ctx context.Context, person string, p ration.Place) error {
	var who map[party.ID]party.Person
	err := t.DB.Read(ctx, func(r storage.Reader) (err error) {
		who, err = t.Parties.Open(r, person)
		return err
	})
	if err != nil || who[person].Phone == "" {
		return err
	}
	lang := i18n.Chinese
	say := t.Texts.Printer(lang)
	until := say.Time(p.Until.In(t.Home.Location()).Add(-1))
	t.Auth.Note(auth.Message{
		Phone: who[person].Phone, Template: "queue_turn", Params: map[string]string{"code": p.Code, "until": until},
		Text: say.T("ration.turn_message", "title", p.Of().Title.In(string(lang)), "code", p.Code, "until", until),
	})
	return nil
}
