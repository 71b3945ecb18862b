package workresumeweb

import (
	"bytes"
	"cmp"
	"errors"
	"io"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/workresume"
)

// meterColumns are the columns of a file of readings, in the order of meterFields.
func meterColumns() []roster.Column {
	return []roster.Column{
		{Title: "统一社会信用代码 Credit code", Needed: true, Carried: true, Headings: []string{
			"credit code", "uscc", "social credit code", "unified social credit code", "信用代码", "统一社会信用代码", "社会信用代码", "企业信用代码", "企业统一社会信用代码", "用户信用代码",
		}},
		{Title: "时间 Time", Needed: true, Carried: true, Headings: []string{
			"time", "at", "date", "day", "reading time", "date time", "时间", "日期", "抄表时间", "抄表日期", "用电日期", "数据日期", "数据时间", "日期时间",
		}},
		{Title: "用电量 kWh", Needed: true, Headings: []string{
			"kwh", "energy", "energy kwh", "consumption", "consumption kwh", "用电量", "电量", "日用电量", "当日用电量", "用电量kwh", "用电量千瓦时", "电量kwh",
		}},
		{Title: "正常日用电量 Normal kWh", Headings: []string{
			"normal", "normal kwh", "normal day kwh", "kwh of a normal day", "正常日用电量", "正常日电量", "正常用电量", "平日用电量", "常态日用电量", "正常日用电量kwh",
		}},
	}
}

// meterFields names the columns as faults do.
func meterFields() [4]string {
	return [4]string{workresume.ReadingFirm, workresume.ReadingTime, workresume.ReadingEnergy, workresume.ReadingNormal}
}

// meterFile is a file of readings as it was read.
type meterFile struct {
	readings []workresume.Reading
	places   map[string][2]string // by field: the heading as the file has it, the column's letter
	shown    map[int][4]string    // by line, of lines that may be refused
}

// readMeterFile reads a workbook (.xlsx) or a text with separators. What the columns
// are called decides, not where they stand.
//
// Faults: TooLarge; Invalid with the field "file" for a file that cannot be read whole.
func readMeterFile(in io.Reader, name string) (f meterFile, err error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return f, err
	}
	t, err := roster.OpenTable(bytes.NewReader(data), int64(len(data)), name, meterColumns(),
		roster.Limits{Bytes: metersMost, Inflated: 128 << 20, Rows: workresume.ReadingsMost})
	if err != nil {
		return f, atFile(err)
	}
	defer t.Close()
	fields := meterFields()
	f.places, f.shown = map[string][2]string{}, map[int][4]string{}
	for i, field := range fields {
		heading, letter := t.Place(i)
		f.places[field] = [2]string{heading, letter}
	}
	f.readings = make([]workresume.Reading, 0, t.Expected())
	for {
		line, cells, err := t.Next()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, atFile(err)
		}
		r := workresume.Reading{Line: line, CreditCode: cells[0].Text, At: cells[1].Text, KWh: cells[2].Text, Normal: cells[3].Text}
		var shown [4]string
		for i, c := range cells {
			shown[i] = roster.Shown(c.Text)
			code := c.Fault
			if i == 0 && c.Rounded {
				code = cmp.Or(code, "roster.credit_code.rounded")
			}
			if code != "" {
				r.Unread = append(r.Unread, workresume.ReadingFault{Line: line, Field: fields[i], Code: code})
			}
		}
		f.readings, f.shown[line] = append(f.readings, r), shown
	}
}

// atFile says at the file's field what is wrong with the whole file.
func atFile(err error) error {
	f := *fault.As(err)
	if f.Kind != fault.Invalid && f.Kind != fault.TooLarge {
		return err
	}
	out := fault.New(fault.Invalid, "fault.fields").With("file", f.Code)
	out.Fields[len(out.Fields)-1].Args = f.Args
	return out
}

// meterFault is one cell that was refused, where it stands in the file.
type meterFault struct {
	workresume.ReadingFault
	Heading, Letter, Value string
}

// faults finds for each fault its cell.
func (f meterFile) faults(list []workresume.ReadingFault) []meterFault {
	fields := meterFields()
	out := make([]meterFault, len(list))
	for i, one := range list {
		place := f.places[one.Field]
		out[i] = meterFault{ReadingFault: one, Heading: place[0], Letter: place[1]}
		for k, field := range fields {
			if field == one.Field {
				out[i].Value = f.shown[one.Line][k]
			}
		}
	}
	return out
}
