package workresumeweb

import (
	"regexp"
	"strings"
	"time"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

// options are the values a fact may take, in the reader's language.
func options(p *ui.Page, pack *rule.Pack, fact string) []ui.Option {
	f, _ := pack.Fact(fact)
	out := make([]ui.Option, 0, len(f.Options))
	for _, o := range f.Options {
		out = append(out, ui.Option{Value: o.Value, Text: o.Title.In(string(p.Lang()))})
	}
	return out
}

// titleOf is the words of one value, or the value itself when the pack in force no
// longer offers it.
func titleOf(p *ui.Page, pack *rule.Pack, fact, value string) string {
	for _, o := range options(p, pack, fact) {
		if o.Value == value {
			return o.Text
		}
	}
	return value
}

// filingFacts are what a firm declared, to be read.
func filingFacts(p *ui.Page, pack *rule.Pack, f workresume.Filing) []ui.Fact {
	promise := ui.Fact{Term: p.T("firmpages.promise"), Text: p.T("firmpages.promise_unsigned"), State: ui.Warn}
	if f.Promise {
		promise.Text, promise.State = p.T("firmpages.promise_signed", "name", f.Signatory), ""
	}
	out := []ui.Fact{
		{Term: p.T("firmpages.class"), Text: p.T("workresume.class." + string(f.Class))},
		{Term: p.T("firmpages.industry"), Text: titleOf(p, pack, "industry", f.Industry)},
		{Term: p.T("firmpages.declared"), Text: p.T("firmpages.people", "n", f.Declared)},
		{Term: p.T("firmpages.masks"), Text: p.T("firmpages.pieces", "n", f.Masks)},
		{Term: p.T("firmpages.thermometers"), Text: p.T("firmpages.thermometers_n", "n", f.Thermometers)},
		{Term: p.T("firmpages.disinfectant"), Text: p.T("firmpages.litres", "n", f.Disinfectant)},
		{Term: p.T("firmpages.isolation"), Text: p.T("firmpages.rooms", "n", f.IsolationRooms)},
		promise,
	}
	if f.Start != "" {
		out = append(out, ui.Fact{Term: p.T("firmpages.start"), Text: dayWords(p, f.Start)})
	}
	return out
}

// stillTrue leaves out what a later notice has overtaken: of the file's states, and of
// the promise's, only the newest is true. list is newest first.
func stillTrue(list []workresume.Notice) []workresume.Notice {
	var out []workresume.Notice
	told := map[string]bool{}
	for _, n := range list {
		kind := ""
		switch n.Code {
		case "workresume.told_unfiled", "workresume.told_certified", "workresume.told_returned", "workresume.told_incomplete", "workresume.told_refused":
			kind = "file"
		case "workresume.told_watch_warned", "workresume.told_watch_suspended", "workresume.told_watch_withdrawn", "workresume.told_watch_kept", "workresume.told_watch_lifted":
			kind = "promise"
		}
		if kind != "" && told[kind] {
			continue
		}
		told[kind] = true
		out = append(out, n)
	}
	return out
}

// spoken is a rule's sentence before it is asked of a firm: a figure the policy itself
// sets stands there; where a fact will stand, its name stands in brackets, and where an
// amount is worked out for each firm, the brackets say only that a number comes.
func spoken(p *ui.Page, pack *rule.Pack, text rule.Text) string {
	lang := string(p.Lang())
	return placeholder.ReplaceAllStringFunc(text.In(lang), func(found string) string {
		name, words, choice := strings.Cut(found[1:len(found)-1], "|")
		if choice { // of the word for one and for many: how many is not known yet
			_, many, _ := strings.Cut(words, "|")
			return many
		}
		if fact, ok := pack.Fact(name); ok {
			return "[" + fact.Title.In(lang) + "]"
		}
		if set, ok := pack.Whole(name); ok {
			return p.Number(set)
		}
		return "[" + p.T("policypages.amount") + "]"
	})
}

// placeholder is a place in a policy's sentence that a firm's own value fills.
var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_]*(\|[^{}|]*\|[^{}|]*)?\}`)

// looked are the facts a rule looked at, "Masks in stock 200 · Staff 600".
func looked(p *ui.Page, pack *rule.Pack, f rule.Finding) string {
	var out []string
	for _, fact := range pack.Facts {
		v, ok := f.Facts[fact.Name]
		if !ok {
			continue
		}
		text := ""
		switch v := v.(type) {
		case float64: // as JSON reads every number
			text = p.Decimal(v, 1)
		case int64:
			text = p.Number(v)
		case string:
			text = titleOf(p, pack, fact.Name, v)
		case bool:
			text = p.T("firmpages.no")
			if v {
				text = p.T("firmpages.yes")
			}
		default:
			continue // a list is the pack's own, not the firm's
		}
		out = append(out, fact.Title.In(string(p.Lang()))+" "+text)
	}
	return strings.Join(out, " · ")
}

// firmRosterFacts are the roster in numbers.
func firmRosterFacts(p *ui.Page, f workresume.Firm) []ui.Fact {
	out := []ui.Fact{{Term: p.T("firmpages.on_roster"), Text: p.T("firmpages.people", "n", f.Roster)}}
	if f.Filing != nil {
		out = append(out, ui.Fact{Term: p.T("firmpages.declared_short"), Text: p.T("firmpages.people", "n", f.Filing.Declared)})
	}
	if f.Refusals > 0 {
		out = append(out, ui.Fact{Term: p.T("firmpages.rows_refused"), Text: p.Number(f.Refusals), State: ui.Warn})
	}
	if f.Reviews > 0 {
		out = append(out, ui.Fact{Term: p.T("firmpages.reviews"), Text: p.Number(f.Reviews), State: ui.Wait})
	}
	return out
}

func classChoices(p *ui.Page) []ui.Option {
	var out []ui.Option
	for _, c := range workresume.Classes {
		out = append(out, ui.Option{Value: string(c), Text: p.T("workresume.class." + string(c)), Hint: p.T("firmpages.class_" + string(c))})
	}
	return out
}

// industryChoices begin with nothing chosen, so that nobody files the first by slip.
func industryChoices(p *ui.Page, pack *rule.Pack) []ui.Option {
	return append([]ui.Option{{Text: p.T("firmpages.choose")}}, options(p, pack, "industry")...)
}

// promiseKeys are the paragraphs of the promise.
func promiseKeys() [4]string {
	return [4]string{"firmpages.promise_1", "firmpages.promise_2", "firmpages.promise_3", "firmpages.promise_4"}
}

// firmVerdict is the shape and colour of what the rules say.
func firmVerdict(d rule.Decision) ui.State {
	switch d.Outcome {
	case rule.Certified:
		return ui.Valid
	case rule.Refused:
		return ui.Stop
	case rule.Returned:
	}
	return ui.Warn
}

// dayWords is a day of the calendar as the reader's language writes it; what is no day
// stays as it is.
func dayWords(p *ui.Page, iso string) string {
	day, err := time.ParseInLocation(time.DateOnly, iso, p.Zone())
	if err != nil {
		return iso
	}
	return p.Date(day)
}
