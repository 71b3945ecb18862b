package app_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"breakwater/internal/app"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
)

const importRows = 140_000

// BenchmarkImport takes a workbook of 140,000 rows and 12 columns all the way in:
// read, judged, sealed, stored, recorded. The file with twelve columns is the
// article's whole district as one firm's roster. The baseline in the same run is
// excelize's row reader, which only reads.
func BenchmarkImport(b *testing.B) {
	file := workbook(b, importRows)
	b.Run("excelize-only", func(b *testing.B) {
		for b.Loop() {
			book, err := excelize.OpenReader(bytes.NewReader(file))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := book.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for ; rows.Next(); n++ {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			book.Close()
		}
	})
	b.Run("breakwater", func(b *testing.B) {
		for b.Loop() {
			importOnce(b, file)
		}
		b.ReportMetric(float64(importRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func importOnce(b *testing.B, file []byte) {
	b.StopTimer()
	ctx := b.Context()
	a, err := app.Open(ctx, app.Config{Data: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	if err := a.Name(ctx, place.Home{Place: place.Place{Name: "试验区"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans"}}); err != nil {
		b.Fatal(err)
	}
	by := auth.Operator()
	f, err := a.Resume.Register(ctx, by, workresume.RegisterInput{CreditCode: ident.MakeCreditCode("91990201000000001")})
	if err != nil {
		b.Fatal(err)
	}
	b.StartTimer()
	im, err := a.Resume.StartImport(ctx, by, workresume.ImportInput{Firm: f.ID, Name: "big.xlsx", Body: bytes.NewReader(file)})
	if err != nil {
		b.Fatal(err)
	}
	a.Resume.Await(ctx, im.ID, 10*time.Minute)
	if im, err = a.Resume.Import(ctx, by, im.ID); err != nil || im.Accepted != importRows {
		b.Fatalf("%v %+v", err, im)
	}
}

func workbook(b *testing.B, n int) []byte {
	b.Helper()
	book := excelize.NewFile()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	row := []any{"工号", "姓名", "身份证号", "手机号", "部门", "岗位", "籍贯", "现住址", "返甬日期", "来源地", "14天内到过", "备注"}
	for i := 0; ; i++ {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			b.Fatal(err)
		}
		if i == n {
			break
		}
		birth := time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, (i*7919)%14000)
		row = []any{
			fmt.Sprint(i), fmt.Sprintf("李%c%c", '一'+rune(i%5000), '丁'+rune(i%3000)), ident.MakeMainlandID("330299", birth, 1+i/14000), fmt.Sprintf("139%08d", i),
			"生产部", "操作工", "安徽阜阳", "海湾路 8 号", "2020-02-10", "安徽", "无", "",
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}
