/** Cells that mean something else to OpenText, or nothing. Each is refused, with what to write instead. */
import { describe, expect, it } from "vitest";
import { readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import { otdt, type Sketch } from "../../tables/sketch.ts";

const POLICIES = "one of FIRST, ANY, UNIQUE, PRIORITY, RULE ORDER, OUTPUT ORDER, COLLECT";
const ANY_FACT = 'a value, or "-" for any fact';
const NO_VALUE = "a value, or an empty cell for none";
const TEXT_OPERATORS = "one of -- NA --, ==, !=, IS IN, IS NOT IN";
const LIST_OPERATORS = "one of -- NA --, ANY OF, NONE OF, ALL OF, NOT ALL OF";

function read(sketch: Sketch) {
  return readTable(otdt(sketch), "sketch.otdt");
}

function refusal(location: string, expected: string, got: string) {
  const message = `Cannot read sketch.otdt: ${location}: expected ${expected}, got ${JSON.stringify(got)}`;
  return expect.objectContaining({ name: "TableError", message });
}

describe("a condition", () => {
  it.each([
    // Operators, and what stands for any fact.
    ["string", "is in", "US, CA", TEXT_OPERATORS, "is in"],
    ["string", " == ", "US", TEXT_OPERATORS, " == "],
    ["string", "IS  IN", "US, CA", TEXT_OPERATORS, "IS  IN"],
    ["string", "ANY OF", '"US"', TEXT_OPERATORS, "ANY OF"],
    ["string", "-- na --", "-", TEXT_OPERATORS, "-- na --"],
    ["string", "-- NA -- ", "-", TEXT_OPERATORS, "-- NA -- "],
    ["collection", "==", "a, b", LIST_OPERATORS, "=="],
    ["collection", "!=", "a, b", LIST_OPERATORS, "!="],
    ["collection", "IS IN", '"a"', LIST_OPERATORS, "IS IN"],
    ["string", "==", " - ", ANY_FACT, " - "],
    ["number", "<", "- ", ANY_FACT, "- "],
    ["string", "==", "", ANY_FACT, ""],
    ["number", "==", " ", ANY_FACT, " "],
    ["string", "", "", ANY_FACT, ""],
    ["number", "", " ", ANY_FACT, " "],
    ["number", "-- NA --", "", ANY_FACT, ""],
    ["collection", "ANY OF", " -", ANY_FACT, " -"],

    // Texts.
    ["string", "==", '"US"', "a text without quotes around it", '"US"'],
    ["string", "!=", "'US'", "a text without quotes around it", "'US'"],
    ["string", "==", 'say "US"', "a text without double quotes and backslashes", 'say "US"'],
    ["string", "!=", 'U"S', "a text without double quotes and backslashes", 'U"S'],
    ["string", "==", "C:\\US", "a text without double quotes and backslashes", "C:\\US"],
    ["string", "==", " US", "a text without blanks around it", " US"],
    ["string", "==", "US\u00a0", "a text without blanks around it", "US\u00a0"],
    ["string", "==", "a\nb", "a text of one line without control characters or ]]>", "a\nb"],
    ["string", "==", "a\tb", "a text of one line without control characters or ]]>", "a\tb"],
    ["string", "==", "a\u0000", "a text of one line without control characters or ]]>", "a\u0000"],
    ["string", "==", "a\u2028b", "a text of one line without control characters or ]]>", "a\u2028b"],
    ["string", "==", "a\ud800", "a text of one line without control characters or ]]>", "a\ud800"],
    ["string", "IS IN", "a, b]]>", "a text of one line without control characters or ]]>", "a, b]]>"],
    ["string", "==", "fn_now", "a text without fn_now, which becomes a function", "fn_now"],
    ["string", "IS IN", "a, my_fn_addDate", "a text without fn_addDate, which becomes a function", "a, my_fn_addDate"],

    // Numbers, booleans and dates.
    ["number", ">", "1,000", "a number", "1,000"],
    ["number", "==", ".5", "a number", ".5"],
    ["number", "==", "5.", "a number", "5."],
    ["number", "==", "+5", "a number", "+5"],
    ["number", "==", "1_000", "a number", "1_000"],
    ["number", "==", "5\u00a0", "a number", "5\u00a0"],
    ["number", "==", '"5"', "a number", '"5"'],
    ["number", "==", "null", "a number", "null"],
    ["number", "==", "9223372036854775808", "a number between ±9007199254740991", "9223372036854775808"],
    ["number", "==", "-0.0", "0 without a minus", "-0.0"],
    ["number", "<", "-0e1", "0 without a minus", "-0e1"],
    ["boolean", "==", "TRUE", "true or false", "TRUE"],
    ["boolean", "!=", "True", "true or false", "True"],
    ["boolean", "==", "1", "true or false", "1"],
    ["date", "==", "2024-02-29T00:00:00Z", "a date (YYYY-MM-DD)", "2024-02-29T00:00:00Z"],
    ["date", "<", "2024-02-29T12:00:00+01:00", "a date (YYYY-MM-DD)", "2024-02-29T12:00:00+01:00"],
    ["date", "<", " 2024-02-29", "a date (YYYY-MM-DD)", " 2024-02-29"],
    ["date", "==", "2024-2-29", "a date (YYYY-MM-DD)", "2024-2-29"],
    ["date", "IS IN", "2024-02-28, 2024-02-29T00:00:00Z", "a date (YYYY-MM-DD)", "2024-02-29T00:00:00Z"],

    // Lists of one item.
    ["string", "IS IN", "US", 'a single item in double quotes, "US"', "US"],
    ["string", "IS NOT IN", " US ", 'a single item in double quotes, "US"', "US"],
    ["string", "IS IN", "'US'", 'a single item in double quotes, "US"', "'US'"],
    ["string", "IS IN", "“US”", 'a single item in double quotes, "“US”"', "“US”"],
    ["string", "IS IN", "5", 'a single item in double quotes, "5"', "5"],
    ["collection", "ANY OF", "US", 'a single item in double quotes, "US"', "US"],
    ["collection", "NONE OF", "US", 'a single item in double quotes, "US"', "US"],
    ["collection", "ALL OF", "5", 'a single item in double quotes, "5"', "5"],
    ["collection", "NOT ALL OF", "x", 'a single item in double quotes, "x"', "x"],
    ["number", "IS IN", '"5"', "a single number without quotes", '"5"'],
    ["number", "IS IN", "amount", "a number", "amount"],
    ["date", "IS IN", "2024-02-29", "== or != before a single date, or several dates", "2024-02-29"],
    ["date", "IS NOT IN", '"2024-02-29"', "== or != before a single date, or several dates", "2024-02-29"],

    // Lists of several items.
    ["string", "IS IN", "[US,CA]", "a list without brackets", "[US,CA]"],
    ["collection", "ANY OF", ' ["US","CA"] ', "a list without brackets", ' ["US","CA"] '],
    ["number", "IS IN", "[1]", "a list without brackets", "[1]"],
    ["string", "IS IN", "it's, its", "a list without single quotes", "it's, its"],
    ["string", "IS IN", "'US','CA'", "a list without single quotes", "'US','CA'"],
    ["collection", "ANY OF", `"it's, its"`, "a list without single quotes", `"it's, its"`],
    ["string", "IS IN", 'US, "C\\A"', "a list without backslashes", 'US, "C\\A"'],
    ["collection", "ANY OF", '"C\\A"', "a list without backslashes", '"C\\A"'],
    ["string", "IS IN", '"New York, NY", US', "items without a comma", "New York, NY"],
    ["string", "IS NOT IN", '"New York, NY"', "items without a comma", "New York, NY"],
    ["string", "IS IN", "US,\u00a0CA", "items without blanks around them", "\u00a0CA"],
    ["string", "IS IN", "US,,CA", "a list without empty items", "US,,CA"],
    ["string", "IS IN", '"", US', "a list without empty items", '"", US'],
    ["collection", "ANY OF", '""', "a list without empty items", '""'],
    ["collection", "ANY OF", '"1","2",', "a list without empty items", '"1","2",'],
    ["number", "IS IN", "1, , 2", "a list without empty items", "1, , 2"],
    ["string", "IS IN", 'US,"CA', "a list with every quote closed", 'US,"CA'],
    ["string", "IS IN", 'a"b"c, d', "a list with quotes only around whole items", 'a"b"c, d'],
    ["string", "IS IN", '"a"b, c', "a list with quotes only around whole items", '"a"b, c'],
    ["collection", "ANY OF", 'red, 7, "x"', 'a number in double quotes, "7"', "7"],
    ["collection", "ALL OF", "1, 2", 'a number in double quotes, "1"', "1"],
    ["collection", "ANY OF", '"x", .5', 'a number in double quotes, ".5"', ".5"],
    ["number", "IS IN", "1, 2.5", "whole numbers in a list, written with digits alone", "2.5"],
    ["number", "IS IN", "1, 2.0", "whole numbers in a list, written with digits alone", "2.0"],
    ["number", "IS NOT IN", "1e3, 2", "whole numbers in a list, written with digits alone", "1e3"],
    ["number", "IS IN", "2.5", "whole numbers in a list, written with digits alone", "2.5"],
    ["number", "IS IN", "1, null", "a number", "null"],
  ])("%s %s %j is refused", (type, operator, expression, expected, got) => {
    const sketch: Sketch = { inputs: [["x", type]], rules: [{}, { when: [[operator, expression]] }] };
    expect(() => read(sketch)).toThrow(refusal(`rule 2, input "x" (${type})`, expected, got));
  });
});

describe("an output", () => {
  it.each([
    ["string", "-", NO_VALUE],
    ["string", " ", NO_VALUE],
    ["number", "-", NO_VALUE],
    ["date", " - ", NO_VALUE],
    ["string", '"ALLOW"', "a text without quotes around it"],
    ["string", 'say "no"', "a text without double quotes and backslashes"],
    ["string", "a\\b", "a text without double quotes and backslashes"],
    ["string", "ALLOW ", "a text without blanks around it"],
    ["string", "two\nlines", "a text of one line without control characters or ]]>"],
    ["number", "-0.0", "0 without a minus"],
    ["number", "+1", "a number"],
    ["boolean", "TRUE", "true or false"],
    ["date", "2025-03-01T10:00:00Z", "a date (YYYY-MM-DD)"],
  ])("%s %j is refused", (type, text, expected) => {
    const sketch: Sketch = { outputs: [["y", type]], rules: [{ gives: [text] }] };
    expect(() => read(sketch)).toThrow(refusal(`rule 1, output "y" (${type})`, expected, text));
  });
});

describe("a hit policy", () => {
  it.each(["first", " FIRST", "RULE  ORDER", "RULE_ORDER", "C", "C+", "COLLECT SUM", "COLLECT (SUM)", "COLLECT+", ""])(
    "%j is refused",
    (hitIndicator) => {
      expect(() => read({ outputs: [["n", "number"]], rules: [{ gives: ["1"] }], data: { hitIndicator } })).toThrow(
        refusal("hitIndicator", POLICIES, hitIndicator),
      );
    },
  );

  it.each(["sum", "+", "SUM ", "AVG"])("COLLECT with the collectOperator %j is refused", (collectOperator) => {
    const data = { hitIndicator: "COLLECT", collectOperator };
    expect(() => read({ outputs: [["n", "number"]], rules: [{ gives: ["1"] }], data })).toThrow(
      refusal("hitIndicator", "one of SUM, MIN, MAX, COUNT as collectOperator", collectOperator),
    );
  });
});
