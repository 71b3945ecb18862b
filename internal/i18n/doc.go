// Package i18n keeps what the program says, in every language, as files: one
// TOML file per area and language under text/. A message is looked up by key;
// "{name}" in it is filled from named values, and a table of plural forms
// ("one", "other") is chosen by the value "n".
//
// It refuses to join sentences from pieces and to hold a sentence in code, and
// it refuses to fail at run time: a key without a text shows the key, and is
// counted, so that a test can say so.
package i18n
