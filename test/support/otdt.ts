/** Decision tables for tests, from readable rows. */
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { readTable } from "../../subgraphs/pipeline/table/otdt.ts";
import type { VariableType } from "../../subgraphs/pipeline/table/table.ts";

export interface TableDraft {
  readonly key: string;
  readonly version?: number;
  readonly hitPolicy?: string;
  readonly collectOperator?: string;
  readonly inputs: Readonly<Record<string, VariableType>>;
  readonly outputs: Readonly<Record<string, VariableType>>;
  /** Inputs as operator and expression, outputs as text; missing inputs match any fact, missing outputs are empty. */
  readonly rules: readonly Readonly<Record<string, string | readonly [operator: string, expression: string]>>[];
}

export function compiled(draft: TableDraft): CompiledTable {
  return compile(readTable(otdt(draft), `${draft.key}.otdt`));
}

/** The outputs that every table has. */
export const CONVENTION = { verdict: "string", reason_code: "string", reason: "string" } as const;

function otdt({
  key,
  version = 1,
  hitPolicy = "RULE ORDER",
  collectOperator,
  inputs,
  outputs,
  rules,
}: TableDraft): string {
  const variables = (types: Readonly<Record<string, VariableType>>, prefix: string) =>
    Object.entries(types).map(([variableId, type]) => ({
      id: `${prefix}_${variableId}`,
      type,
      variableId,
      label: variableId,
    }));
  return JSON.stringify({
    id: `file_${key}`,
    schemaId: "https://www.opentext.com/ocp/devx/decision/1.0.0/DecisionTable",
    serviceName: "decision",
    data: {
      id: key,
      version,
      name: key,
      key,
      description: "",
      namespace: "test",
      hitIndicator: hitPolicy,
      collectOperator,
      inputExpressions: variables(inputs, "in"),
      outputExpressions: variables(outputs, "out"),
      rules: rules.map((rule) => ({
        ...Object.fromEntries(
          Object.keys(inputs).flatMap((name) => {
            const [operator, expression] = typeof rule[name] === "object" ? rule[name] : ["-- NA --", "-"];
            return [
              [`in_${name}_operator`, operator],
              [`in_${name}_expression`, expression],
            ];
          }),
        ),
        ...Object.fromEntries(Object.keys(outputs).map((name) => [`out_${name}`, rule[name] ?? ""])),
      })),
    },
  });
}
