/** The text of a small `.otdt` file, the way OpenText exports one. Its columns' ids are i1, i2, … and o1, o2, … */

export interface Sketch {
  /** Name and type, then the entries if any. */
  readonly inputs?: readonly (readonly [name: string, type: string, ...entries: string[]])[];
  readonly outputs?: readonly (readonly [name: string, type: string, ...entries: string[]])[];
  /** One cell for each column: an operator and an expression for an input, a text for an output. */
  readonly rules?: readonly {
    readonly when?: readonly (readonly [string, string])[];
    readonly gives?: readonly string[];
  }[];
  /** Merged into `data`; undefined removes a field. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export const SCHEMA = "https://www.opentext.com/ocp/devx/decision/1.0.0/DecisionTable";

/** Without inputs or rules it has one of each, as every table must. */
export function otdt({ inputs = ANY, outputs = [["verdict", "string"]], rules = [{}], data = {} }: Sketch): string {
  return JSON.stringify({
    id: "6d2a1c0e-0000-4000-8000-000000000001",
    schemaId: SCHEMA,
    serviceName: "decision",
    data: {
      id: "6d2a1c0e-0000-4000-8000-000000000002",
      version: 1,
      name: "Sketch",
      key: "sketch",
      description: "",
      namespace: "6d2a1c0e-0000-4000-8000-000000000003",
      hitIndicator: "RULE ORDER",
      inputExpressions: inputs.map((column, index) => expression(`i${index + 1}`, column)),
      outputExpressions: outputs.map((column, index) => expression(`o${index + 1}`, column)),
      rules: rules.map(({ when = [], gives = ["ALLOW"] }) =>
        Object.fromEntries([
          ...when.flatMap(([operator, expression], index) => inputCells(`i${index + 1}`, operator, expression)),
          ...gives.flatMap((text, index) => [
            [`o${index + 1}`, text],
            [`o${index + 1}_expressionLanguage`, ""],
          ]),
        ]),
      ),
      ...data,
    },
  });
}

const ANY = [["any", "string"]] as const;

function expression(id: string, [name, type, ...entries]: readonly [string, string, ...string[]]) {
  return { id, type, variableId: name, label: name.toUpperCase(), ...(entries.length > 0 ? { entries } : {}) };
}

function inputCells(id: string, operator: string, expression: string) {
  return [
    [`${id}_operator`, operator],
    [`${id}_expression`, expression],
    [`${id}_operator_expressionLanguage`, ""],
    [`${id}_expressionLanguage`, ""],
  ];
}
