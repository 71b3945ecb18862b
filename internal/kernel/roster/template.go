package roster

import (
	"bytes"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"breakwater/internal/i18n"
	"breakwater/internal/ident"
)

// Names of the template's parts that are the same in every language.
const (
	templateSheet = "名册 Roster"
	templateRows  = 5000 // rows with the list of document types; further ones are typed
)

// templateKinds are offered in the list of document types. Each is understood
// when it comes back (TestTemplate).
var templateKinds = []string{
	"居民身份证 ID card", "护照 Passport", "港澳居民来往内地通行证 Permit", "台湾居民来往大陆通行证 Permit", "外国人永久居留身份证 Residence card",
}

// Template makes the workbook firms download: a sheet of headings in both
// languages whose columns are formatted as text, and a sheet that says in say's
// language how to fill them, with an invented example.
func Template(say *i18n.Printer) ([]byte, error) {
	book := excelize.NewFile()
	defer book.Close()
	if err := rosterSheet(book); err != nil {
		return nil, err
	}
	if err := guideSheet(book, say); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func rosterSheet(book *excelize.File) error {
	if err := book.SetSheetName("Sheet1", templateSheet); err != nil {
		return err
	}
	text, err := book.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return err
	}
	head, err := headStyle(book, headFill)
	if err != nil {
		return err
	}
	needed, err := headStyle(book, noteFill)
	if err != nil {
		return err
	}
	for i, t := range titles {
		col := letter(i)
		style, value := head, t.title
		if t.needed {
			style, value = needed, t.title+" *"
		}
		if err := firstError(
			book.SetColStyle(templateSheet, col, text),
			book.SetColWidth(templateSheet, col, col, t.width),
			book.SetCellStr(templateSheet, col+"1", value),
			book.SetCellStyle(templateSheet, col+"1", col+"1", style),
		); err != nil {
			return err
		}
		if t.field == FieldIDKind {
			list := excelize.NewDataValidation(true)
			list.SetSqref(col + "2:" + col + strconv.Itoa(templateRows))
			if err := firstError(list.SetDropList(templateKinds), book.AddDataValidation(templateSheet, list)); err != nil {
				return err
			}
		}
	}
	return book.SetPanes(templateSheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// guideSheet explains the columns one below the other, so that the sheet is
// never itself taken for a roster.
func guideSheet(book *excelize.File, say *i18n.Printer) error {
	sheet := say.T("roster.template.sheet")
	if _, err := book.NewSheet(sheet); err != nil {
		return err
	}
	head, err := headStyle(book, headFill)
	if err != nil {
		return err
	}
	text, err := book.NewStyle(&excelize.Style{NumFmt: textFormat, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	rows := [][]any{{say.T("roster.template.intro")}, {}, {say.T("roster.template.column"), say.T("roster.template.needed"), say.T("roster.template.how"), say.T("roster.template.example")}}
	for _, t := range titles {
		needed := "roster.template.no"
		if t.needed {
			needed = "roster.template.yes"
		}
		rows = append(rows, []any{t.title, say.T(needed), say.T("roster.template." + string(t.field)), example(t.field)})
	}
	for i, row := range rows {
		if err := book.SetSheetRow(sheet, "A"+strconv.Itoa(i+1), &row); err != nil {
			return err
		}
	}
	return firstError(
		book.SetColWidth(sheet, "A", "A", 32), book.SetColWidth(sheet, "B", "B", 12),
		book.SetColWidth(sheet, "C", "C", 64), book.SetColWidth(sheet, "D", "D", 28),
		book.SetCellStyle(sheet, "A4", "D"+strconv.Itoa(len(rows)), text),
		book.SetCellStyle(sheet, "A3", "D3", head),
		book.MergeCell(sheet, "A1", "D1"), book.SetRowHeight(sheet, 1, 48), book.SetCellStyle(sheet, "A1", "A1", text),
	)
}

// example is an invented person: no district has the region 330299.
func example(f Field) string {
	switch f {
	case FieldName:
		return "张示例"
	case FieldIDKind:
		return templateKinds[0]
	case FieldIDNumber:
		return ident.MakeMainlandID("330299", time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), 1)
	case FieldPhone:
		return "19900000000"
	case FieldNumber:
		return "A0001"
	case FieldDepartment:
		return "示例车间"
	case FieldPost:
		return "操作工"
	case FieldNativePlace:
		return "浙江省宁波市"
	case FieldAddress:
		return "示例路 1 号 2 室"
	case FieldReturnDate:
		return "2020-02-10"
	case FieldOrigin:
		return "安徽省合肥市"
	case FieldPlaces14:
		return "安徽省合肥市、浙江省宁波市"
	case FieldCreditCode:
		return ident.MakeCreditCode("91330299MA0000000")
	}
	return ""
}

func headStyle(book *excelize.File, fill string) (int, error) {
	return book.NewStyle(&excelize.Style{
		NumFmt: textFormat, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "center"},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
	})
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
