package workresumeweb

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
)

// A published table is read by its headings, as a workbook and as CSV alike.
func TestReadRiskFile(t *testing.T) {
	rows := [][]any{
		{"序号", "风险等级", "地区", "开始日期", "来源"},
		{1, "高风险", "湖北省武汉市", "2020-01-23", "省指挥部 1 号通告，" + strings.Repeat("附件", 60)},
		{2, "中", "浙江省温州市", "2020-02-01", "省指挥部 2 号通告"},
		{3, "medium", "=A1", "2020-02-01", "省指挥部 2 号通告"},
	}
	want := []workresume.RiskLine{
		{Line: 2, Place: "湖北省武汉市", Level: "high", From: "2020-01-23", Source: "省指挥部 1 号通告," + strings.Repeat("附件", 60)},
		{Line: 3, Place: "浙江省温州市", Level: "medium", From: "2020-02-01", Source: "省指挥部 2 号通告"},
		{Line: 4, Place: "=A1", Level: "medium", From: "2020-02-01", Source: "省指挥部 2 号通告", Unread: "roster.formula"},
	}
	book := excelize.NewFile()
	var text strings.Builder
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = book.SetSheetRow("Sheet1", at, &row)
		}
		if err != nil {
			t.Fatal(err)
		}
		for k, c := range row {
			if k > 0 {
				text.WriteByte('\t')
			}
			if s, ok := c.(string); ok {
				text.WriteString(s)
			} else {
				text.WriteString("7")
			}
		}
		text.WriteByte('\n')
	}
	var xlsx bytes.Buffer
	if err := book.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"list.xlsx": xlsx.String(), "list.csv": text.String()} {
		got, err := readRiskFile(strings.NewReader(body), name)
		if err != nil {
			t.Fatal(name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for name, body := range map[string]string{
		"no source": "地区,等级,开始日期\n湖北省,高,2020-01-23\n",
		"empty":     "地区,等级,开始日期,来源\n",
		"too many":  "地区,等级,开始日期,来源\n" + strings.Repeat("湖北省,高,2020-01-23,省指挥部\n", workresume.RisksMost+1),
	} {
		_, err := readRiskFile(strings.NewReader(body), "list.csv")
		if f := fault.As(err); err == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != "file" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
