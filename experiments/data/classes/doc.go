// Package classes finds the classes that two data sets share, or a data set and a
// trained network, by their names.
//
// [Match] takes two names for the same class if their [Key] is equal. Spellings that
// do not matter:
//
//   - case: "Bike" and "bike", "Straße" and "STRASSE"
//   - spaces, dashes and underscores: "Desk Lamp", "desk_lamp" and "desklamp"
//   - composed and decomposed Unicode: "é" as one character or as two
//   - leading zeros of whole numbers: "7" and "007"
//
// A separator between two digits counts, so "1_2" is not "12", and so does the sign
// of a name that begins with a number: "-1" is not "1".
//
// [Sort] puts names in the order that numbers them: numbers by value, other
// characters in byte order.
package classes
