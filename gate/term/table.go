package term

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Align is the side that the cells of a column stand on.
type Align int

// The sides.
const (
	Left Align = iota
	Right
)

// Table is rows of cells that stand below one another, two spaces apart and
// without lines. Cells may be painted, hold wide characters, and have several
// lines. It is for one goroutine.
type Table struct{ w table.Writer }

// NewTable returns an empty table with a column for each side. Columns beyond
// those stand on the left.
func NewTable(columns ...Align) *Table {
	w := table.NewWriter()
	w.SetStyle(table.Style{
		Name:    "plain",
		Box:     table.BoxStyle{PaddingRight: "  "},
		Options: table.OptionsNoBordersAndSeparators,
	})
	w.SuppressTrailingSpaces()
	configs := make([]table.ColumnConfig, len(columns))
	for i, side := range columns {
		configs[i] = table.ColumnConfig{Number: i + 1, Align: text.AlignLeft, AlignHeader: text.AlignLeft}
		if side == Right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	w.SetColumnConfigs(configs)
	return &Table{w}
}

// Header adds a row that stands above all others.
func (t *Table) Header(cells ...string) { t.w.AppendHeader(row(cells)) }

// Row adds a row.
func (t *Table) Row(cells ...string) { t.w.AppendRow(row(cells)) }

// String lays out the table. Every line ends with a line break; without rows
// it is empty.
func (t *Table) String() string {
	s := t.w.Render()
	if s != "" {
		s += "\n"
	}
	return s
}

func row(cells []string) table.Row {
	r := make(table.Row, len(cells))
	for i, cell := range cells {
		r[i] = cell
	}
	return r
}
