/** What one ask becomes on its way to the service. */
import { expect, it } from "vitest";
import { bindModels } from "../../../subgraphs/pipeline/models.ts";
import type { Execution } from "../../../subgraphs/pipeline/opentext/execution.ts";
import { service } from "../../../subgraphs/pipeline/service/service.ts";
import { localTrust } from "../../../subgraphs/pipeline/trust.ts";
import { SILENT, loan, loanTable } from "../../support/loans.ts";

it("an evaluation says how many rows its model can answer", async () => {
  const executions: Execution[] = [];
  const decide = service({
    opentext: {
      execute: async (execution) => {
        executions.push(execution);
        return [{ verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" }];
      },
      executeBatch: undefined,
    },
    models: bindModels([{ decisions: [loan], tables: [loanTable()] }]),
    versions: { running: () => 1 },
    trust: localTrust(0),
    guard: { batch: () => ({ run: (_model, call) => call(AbortSignal.timeout(1000)), batchCalls: undefined }) },
    log: SILENT,
  });
  const [outcome] = await decide([
    { model: "loan", facts: { amount: 1, country: "SE" }, subject: "loan_1", caller: "test" },
  ]);
  expect(outcome).toMatchObject({ verdict: "ALLOW" });
  expect(executions).toMatchObject([{ key: "loan", maxRows: 3 }]);
});
