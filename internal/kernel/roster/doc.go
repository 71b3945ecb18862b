// Package roster reads the list of people a firm keeps in its own Excel or CSV
// file. It finds the headings, mends what can be mended without guessing, and
// says of every other cell what is wrong and how to mend it.
//
// It is pure: bytes in, rows out, memory bounded whatever the bytes are. It
// knows no database, no firm and no clock.
//
// It refuses to guess. A number Excel has rounded, a date that could be read
// two ways, a person twice in one file: these are refused with a reason, never
// quietly repaired. It evaluates no formula and opens no macro, link or picture.
//
// A whole file is refused before the first row is given: Open reads the sheet
// once to its end, so an importer never stops half-way because the end of the
// file is torn or swells beyond the limits.
//
// Sheets are read by a scanner of our own and not by excelize, which writes
// the template and the marked copy. Its row iterator gives every cell as text
// and so cannot tell a numeric cell, whose digits Excel has already lost, from
// a text cell that is right; asking for each cell's type loads the whole sheet.
// The scanner is also three times faster, the survey included (BenchmarkRead,
// BenchmarkExcelize), and expands no entity, so there is nothing to blow up.
package roster
