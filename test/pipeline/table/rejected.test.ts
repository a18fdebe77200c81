/** Files and folders that are rejected. Over 200 lines, because it has every problem of a file in one list. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { MAX_CHARACTERS, MAX_RULES, readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import { TableError } from "../../../subgraphs/pipeline/table/problem.ts";
import { otdt, SCHEMA, type Sketch } from "../../tables/sketch.ts";
import { data } from "../../support/table-sketches.ts";

/** The problems without the words that all of them begin with. */
function problemsOf(text: string): readonly string[] {
  const start = "Cannot read sketch.otdt: ";
  try {
    readTable(text, "sketch.otdt");
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return error.problems.map((problem) => (problem.startsWith(start) ? problem.slice(start.length) : problem));
  }
  throw new Error("the file was read");
}

function column(changes: Record<string, unknown>): Sketch {
  return data({ inputExpressions: [{ id: "i1", type: "string", variableId: "x", label: "X", ...changes }] });
}

function output(type: string, text: string): Sketch {
  return { outputs: [["y", type]], rules: [{ gives: [text] }] };
}

function cell(type: string, operator: string, expression: string): Sketch {
  return { inputs: [["x", type]], rules: [{}, { when: [[operator, expression]] }] };
}

describe("a file that is rejected", () => {
  it.each<[string, Sketch, ...string[]]>([
    // cells of inputs
    ["a text for a number", cell("number", ">", "abc"), 'rule 2, input "x" (number): expected a number, got "abc"'],
    ["a hexadecimal", cell("number", "==", "0x10"), 'rule 2, input "x" (number): expected a number, got "0x10"'],
    [
      "a number too large to be exact",
      cell("number", "==", "9007199254740993"),
      'rule 2, input "x" (number): expected a number between ±9007199254740991, got "9007199254740993"',
    ],
    [
      "a number too large to be finite",
      cell("number", "<", "1e999"),
      'rule 2, input "x" (number): expected a number between ±9007199254740991, got "1e999"',
    ],
    [
      "a boolean in capitals",
      cell("boolean", "==", "TRUE"),
      'rule 2, input "x" (boolean): expected true or false, got "TRUE"',
    ],
    [
      "a day that does not exist",
      cell("date", "<", "2025-02-30"),
      'rule 2, input "x" (date): expected a date (YYYY-MM-DD), got "2025-02-30"',
    ],
    [
      "a date and time without offset",
      cell("date", "<", "2025-02-03T10:00:00"),
      'rule 2, input "x" (date): expected a date (YYYY-MM-DD), got "2025-02-03T10:00:00"',
    ],
    [
      "a list with another type",
      cell("number", "IS IN", "1, x"),
      'rule 2, input "x" (number): expected a number, got "x"',
    ],
    [
      "an unknown operator",
      cell("number", "=>", "5"),
      'rule 2, input "x" (number): expected one of -- NA --, ==, !=, <, >, <=, >=, IS IN, IS NOT IN, got "=>"',
    ],
    [
      "an operator of another type",
      cell("string", ">", "5"),
      'rule 2, input "x" (string): expected one of -- NA --, ==, !=, IS IN, IS NOT IN, got ">"',
    ],
    [
      "an operator with a reserved name",
      cell("boolean", "constructor", "true"),
      'rule 2, input "x" (boolean): expected one of -- NA --, ==, !=, got "constructor"',
    ],
    [
      "an operator of another type before a dash",
      cell("collection", "IS IN", "-"),
      'rule 2, input "x" (collection): expected one of -- NA --, ANY OF, NONE OF, ALL OF, NOT ALL OF, got "IS IN"',
    ],
    [
      "an expression that does not apply",
      cell("number", "-- NA --", "5"),
      'rule 2, input "x" (number): expected "-" beside -- NA --, got "5"',
    ],
    [
      "an expression without an operator",
      cell("number", "", "5"),
      'rule 2, input "x" (number): expected an operator before "5", got nothing',
    ],
    [
      "JUEL in an expression",
      cell("string", "==", "a ${b}"),
      'rule 2, input "x" (string): expected a literal, got the expression "a ${b}"',
    ],
    [
      "JUEL in an operator",
      cell("string", "#{op}", "a"),
      'rule 2, input "x" (string): expected a literal, got the expression "#{op}"',
    ],

    // cells of outputs
    [
      "an output of another type",
      output("number", "many"),
      'rule 1, output "y" (number): expected a number, got "many"',
    ],
    [
      "a boolean output of another type",
      output("boolean", "yes"),
      'rule 1, output "y" (boolean): expected true or false, got "yes"',
    ],
    [
      "a date output of another type",
      output("date", "today"),
      'rule 1, output "y" (date): expected a date (YYYY-MM-DD), got "today"',
    ],
    [
      "an output in quotes",
      output("string", '"ALLOW"'),
      'rule 1, output "y" (string): expected a text without quotes around it, got "\\"ALLOW\\""',
    ],
    [
      "a collection as an output",
      output("collection", "a,b"),
      'rule 1, output "y" (collection): expected an output of type string, number, boolean or date, got a collection',
    ],
    [
      "JUEL in an output",
      output("string", "${listens * 2}"),
      'rule 1, output "y" (string): expected a literal, got the expression "${listens * 2}"',
    ],

    // rules
    [
      "a cell without a column",
      data({ rules: [{ o1: "A", i9_operator: "==" }] }),
      'rule 1: expected cells of this table\'s columns, got "i9_operator"',
    ],
    [
      "a cell with a reserved name",
      data({ rules: [JSON.parse('{"__proto__":"a"}')] }),
      'rule 1: expected cells of this table\'s columns, got "__proto__"',
    ],
    [
      "a cell that is not text",
      data({ rules: [{ o1: 5 }] }),
      'rule 1, output "verdict" (string): expected text, got 5',
    ],
    [
      "an expression language",
      data({ rules: [{ o1: "A", o1_expressionLanguage: "juel" }] }),
      'rule 1, output "verdict" (string): expected no expression language, got "juel"',
    ],
    ["a rule that is a list", data({ rules: [["A"]] }), "rule 1: expected an object, got a list"],
    [
      "too many rules",
      data({ rules: Array.from({ length: MAX_RULES + 1 }, () => ({})) }),
      "rules: expected at most 2000 rules, got 2001",
    ],

    // columns
    [
      "an unknown type",
      column({ type: "integer" }),
      'input 1, type: expected one of string, number, boolean, date, collection, got "integer"',
    ],
    [
      "a type with a reserved name",
      column({ type: "constructor" }),
      'input 1, type: expected one of string, number, boolean, date, collection, got "constructor"',
    ],
    ["no name", column({ variableId: undefined }), "input 1, variableId: expected text, got nothing"],
    [
      "a name that is an expression",
      column({ variableId: "user.age" }),
      'input 1, variableId: expected a name of letters, digits and _, got "user.age"',
    ],
    [
      "a reserved name",
      column({ variableId: "constructor" }),
      'input 1, variableId: expected a name that is not reserved, got "constructor"',
    ],
    [
      "the name of the prototype",
      column({ variableId: "__proto__" }),
      'input 1, variableId: expected a name that is not reserved, got "__proto__"',
    ],
    ["a reserved id", column({ id: "toString" }), 'input 1, id: expected an id that is not reserved, got "toString"'],
    ["an empty id", column({ id: "" }), 'input 1, id: expected an id, got ""'],
    ["entries that are not texts", column({ entries: ["1", 2] }), "input 1, entries, 2: expected text, got 2"],
    [
      "a column of computed cells",
      column({ complexExpression: true }),
      "input 1, complexExpression: expected false, got true",
    ],
    [
      "two inputs with one name",
      {
        inputs: [
          ["x", "string"],
          ["x", "number"],
        ],
      },
      'input "x" (number): expected a name of its own, got "x" twice',
    ],
    [
      "two outputs with one name",
      {
        outputs: [
          ["y", "string"],
          ["y", "string"],
        ],
      },
      'output "y" (string): expected a name of its own, got "y" twice',
    ],
    ["two columns with one id", column({ id: "o1" }), 'output "verdict" (string): expected an id of its own, got "o1"'],
    [
      "two columns with one cell",
      {
        inputs: [["x", "string"]],
        data: { outputExpressions: [{ id: "i1_operator", type: "string", variableId: "y" }], rules: [{}] },
      },
      'output "y" (string): expected an id of its own, got "i1_operator"',
    ],
    ["no outputs", { outputs: [], rules: [{ gives: [] }] }, "outputExpressions: expected at least one output, got 0"],
    ["no inputs", { inputs: [] }, "inputExpressions: expected at least one input, got 0"],

    // the hit policy
    [
      "an unknown hit policy",
      data({ hitIndicator: "LAST" }),
      'hitIndicator: expected one of FIRST, ANY, UNIQUE, PRIORITY, RULE ORDER, OUTPUT ORDER, COLLECT, got "LAST"',
    ],
    [
      "a hit policy that is not text",
      data({ hitIndicator: null }),
      "hitIndicator: expected one of FIRST, ANY, UNIQUE, PRIORITY, RULE ORDER, OUTPUT ORDER, COLLECT, got null",
    ],
    [
      "an unknown aggregator",
      data({ hitIndicator: "COLLECT", collectOperator: "AVG" }),
      'hitIndicator: expected one of SUM, MIN, MAX, COUNT as collectOperator, got "AVG"',
    ],
    [
      "an aggregate of texts",
      data({ hitIndicator: "COLLECT", collectOperator: "SUM" }),
      'hitIndicator: expected one output, a number, for COLLECT SUM, got "verdict" (string)',
    ],
    [
      "an aggregate of two outputs",
      {
        outputs: [
          ["a", "number"],
          ["b", "number"],
        ],
        rules: [{ gives: ["1", "2"] }],
        data: { hitIndicator: "COLLECT", collectOperator: "MAX" },
      },
      'hitIndicator: expected one output, a number, for COLLECT MAX, got "a" (number), "b" (number)',
    ],
    [
      "a count of texts",
      data({ hitIndicator: "COLLECT", collectOperator: "COUNT" }),
      'hitIndicator: expected one output, a number, for COLLECT COUNT, got "verdict" (string)',
    ],
    [
      "PRIORITY among so many rules that equals have no order",
      {
        outputs: [["y", "string", "A", "B"]],
        rules: Array.from({ length: 16 }, () => ({ gives: ["A"] })),
        data: { hitIndicator: "PRIORITY" },
      },
      "hitIndicator: expected at most 15 rules for PRIORITY, got 16",
    ],
    [
      "PRIORITY without entries",
      data({ hitIndicator: "PRIORITY" }),
      "hitIndicator: expected an output with entries for PRIORITY, got none",
    ],
    [
      "OUTPUT ORDER without entries",
      data({ hitIndicator: "OUTPUT ORDER" }),
      "hitIndicator: expected an output with entries for OUTPUT ORDER, got none",
    ],
    [
      "an output outside the entries that rank it, or empty",
      {
        outputs: [["y", "string", "A", "B"]],
        rules: [{ gives: ["C"] }, { gives: ["A"] }, { gives: [""] }],
        data: { hitIndicator: "PRIORITY" },
      },
      'rule 1, output "y" (string): expected one of the entries "A", "B", got "C"',
      'rule 3, output "y" (string): expected one of the entries "A", "B", got nothing',
    ],
    [
      "entries that are not of their output's type",
      { outputs: [["y", "number", "1", "two"]], rules: [{ gives: ["1"] }], data: { hitIndicator: "OUTPUT ORDER" } },
      'output "y" (number), entries: expected a number, got "two"',
    ],
    [
      "an entry that is not a value",
      { outputs: [["y", "number", "1", ""]], rules: [{ gives: ["1"] }], data: { hitIndicator: "OUTPUT ORDER" } },
      'output "y" (number), entries: expected entries that are values, got ""',
    ],
    [
      "an entry with a comma",
      { outputs: [["y", "string", "a, b"]], rules: [{ gives: ["a, b"] }], data: { hitIndicator: "OUTPUT ORDER" } },
      'output "y" (string), entries: expected entries without a comma, got "a, b"',
    ],
    ["DMN 1.1 rules", data({ forceDMN11: true }), "forceDMN11: expected false, got true"],

    // the head
    ["no key", data({ key: undefined }), "key: expected text, got nothing"],
    ["a key with blanks", data({ key: "a b" }), 'key: expected a key without blanks, got "a b"'],
    ["a reserved key", data({ key: "__proto__" }), 'key: expected a key that is not reserved, got "__proto__"'],
    ["no version", data({ version: undefined }), "version: expected a positive whole number, got nothing"],
    ["a version as text", data({ version: "1" }), 'version: expected a positive whole number, got "1"'],
    ["version 0", data({ version: 0 }), "version: expected a positive whole number, got 0"],
    ["a version with a fraction", data({ version: 1.5 }), "version: expected a positive whole number, got 1.5"],
    ["no rules", { rules: [] }, "rules: expected at least one rule, got 0"],
    ["no list of rules", data({ rules: undefined }), "rules: expected a list, got nothing"],
    ["inputs that are not a list", data({ inputExpressions: {} }), "inputExpressions: expected a list, got an object"],
  ])("%s", (_, sketch, ...problems) => {
    expect(problemsOf(otdt(sketch))).toEqual(problems);
  });

  it("is rejected with all of its problems", () => {
    const text = otdt({
      inputs: [
        ["age", "number"],
        ["day", "date"],
      ],
      rules: [
        {
          when: [
            [">", "old"],
            ["<", "soon"],
          ],
          gives: [" ALLOW"],
        },
        {
          when: [
            ["~", "5"],
            ["-- NA --", "-"],
          ],
          gives: ["${x}"],
        },
      ],
      data: { version: -1, hitIndicator: "MOST" },
    });
    expect(problemsOf(text)).toEqual([
      "version: expected a positive whole number, got -1",
      'hitIndicator: expected one of FIRST, ANY, UNIQUE, PRIORITY, RULE ORDER, OUTPUT ORDER, COLLECT, got "MOST"',
      'rule 1, input "age" (number): expected a number, got "old"',
      'rule 1, input "day" (date): expected a date (YYYY-MM-DD), got "soon"',
      'rule 1, output "verdict" (string): expected a text without blanks around it, got " ALLOW"',
      'rule 2, input "age" (number): expected one of -- NA --, ==, !=, <, >, <=, >=, IS IN, IS NOT IN, got "~"',
      'rule 2, output "verdict" (string): expected a literal, got the expression "${x}"',
    ]);
  });

  it("gets no problems for the cells of a column that cannot be read", () => {
    const text = otdt({ inputs: [["x", "colour"]], rules: [{ when: [["==", "red"]] }] });
    expect(problemsOf(text)).toEqual([
      'input 1, type: expected one of string, number, boolean, date, collection, got "colour"',
    ]);
  });

  it("has long values quoted in part", () => {
    const [problem] = problemsOf(otdt(cell("number", ">", "x".repeat(500))));
    expect(problem).toBe(`rule 2, input "x" (number): expected a number, got "${"x".repeat(77)}..."`);
  });

  it.each("null true false empty instanceof and or not div mod eq ne lt gt le ge authenticatedUserId".split(" "))(
    "is rejected with an input called %s, but not with an output",
    (word) => {
      expect(problemsOf(otdt({ inputs: [[word, "string"]], outputs: [[word, "string"]] }))).toEqual([
        `input "${word}" (string): expected a name that is no word of OpenText's expressions, got "${word}"`,
      ]);
    },
  );

  it("is rejected with an input whose name OpenText changes", () => {
    expect(problemsOf(otdt({ inputs: [["fn_dates", "string"]] }))).toEqual([
      'input "fn_dates" (string): expected a text without fn_date, which becomes a function, got "fn_dates"',
    ]);
  });

  it("is rejected if it is not a table at all", () => {
    const schema = `expected "${SCHEMA}"`;
    expect(problemsOf("[]")).toEqual(["expected an object, got a list"]);
    expect(problemsOf("null")).toEqual(["expected an object, got null"]);
    expect(problemsOf("{}")).toEqual([`schemaId: ${schema}, got nothing`, "data: expected an object, got nothing"]);
    expect(problemsOf('{"schemaId":"x","data":[]}')).toEqual([
      `schemaId: ${schema}, got "x"`,
      "data: expected an object, got a list",
    ]);
    expect(problemsOf("")).toEqual(["expected JSON, got SyntaxError: Unexpected end of JSON input"]);
    expect(problemsOf(" ".repeat(MAX_CHARACTERS + 1))).toEqual(["expected at most 5000000 characters, got 5000001"]);
  });
});

describe("a name that is repeated", () => {
  it.each([
    ["in the file", (text: string) => text.replace('"schemaId":', '"schemaId":"x","schemaId":'), "schemaId"],
    ["in the table", (text: string) => text.replace('"rules":', '"rules":[],"rules":'), "rules"],
    ["written otherwise", (text: string) => text.replace('"rules":', '"r\\u0075les":[],"rules":'), "rules"],
    ["in a rule", (text: string) => text.replace('"rules":[{', '"rules":[{"$$x":"\\"}","$$x":"a",'), "$x"],
    ["in what nobody reads", (text: string) => text.replace('"rules":', '"x":[{"y":1,"y":1}],"rules":'), "y"],
  ])("%s is rejected: readers differ on which one counts", (_where, repeat, name) => {
    const text = JSON.stringify(JSON.parse(otdt({})));
    expect(() => readTable(text, "sketch.otdt")).not.toThrow();
    expect(problemsOf(repeat(text))).toEqual([`expected each name of an object once, got "${name}" twice`]);
  });

  it("is the same in two objects, in a text or in a list", () => {
    const text = JSON.stringify(JSON.parse(otdt({})));
    const more = '"x":[{"y":"y"},{"y":"{\\"y\\":1,\\"y\\":1}"},"y","y"],"rules":';
    expect(() => readTable(text.replace('"rules":', more), "sketch.otdt")).not.toThrow();
  });
});

describe("a folder of tables", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tables-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);

  it("gives its tables in the order of the file names, and ignores other files and folders", async () => {
    await put("b.otdt", `\uFEFF${otdt({ data: { key: "second" } })}`);
    await put("a.otdt", otdt({ data: { key: "first" } }));
    await put("notes.json", "{");
    await mkdir(join(folder, "old"));
    await put("old/c.otdt", "{");
    expect((await loadTables(folder)).map(({ table }) => table.key)).toEqual(["first", "second"]);
  });

  it("is rejected with every problem of every file", async () => {
    await put("a.otdt", otdt({ data: { version: 0 } }));
    await put("b.otdt", otdt({}));
    await put("c.otdt", otdt({ data: { key: "c d", version: 0 } }));
    await put("d.otdt", otdt({}));
    await put("e.otdt", Uint8Array.of(0x22, 0xff, 0x22));
    await mkdir(join(folder, "f.otdt"));
    const problems = [
      "Cannot read a.otdt: version: expected a positive whole number, got 0",
      'Cannot read c.otdt: key: expected a key without blanks, got "c d"',
      "Cannot read c.otdt: version: expected a positive whole number, got 0",
      'Cannot read d.otdt: key: expected a key of its own, got "sketch" of b.otdt',
      "Cannot read e.otdt: expected UTF-8, got other bytes",
      "Cannot read f.otdt: Error: EISDIR: illegal operation on a directory, read",
    ];
    const error = await loadTables(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TableError);
    expect(error).toMatchObject({ name: "TableError", message: problems.join("\n"), problems });
  });

  it("is rejected if it cannot be read", async () => {
    const missing = join(folder, "missing");
    await expect(loadTables(missing)).rejects.toThrow(
      new TableError([`Cannot read ${missing}: Error: ENOENT: no such file or directory, scandir '${missing}'`]),
    );
  });
});
