/** One decision with its table, and a pipeline that decides by it: for tests of how decisions are made, whatever about. */
import { pino } from "pino";
import type { Logger } from "pino";
import type { Context } from "../../subgraphs/platform/context.ts";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import type { OpenTextAccount } from "../../subgraphs/pipeline/opentext/account.ts";
import { CONVENTION, compiled } from "./otdt.ts";
import type { TableDraft } from "./otdt.ts";

export const loan = decision({
  key: "loan",
  inputs: { amount: "number", country: "string" },
  outputs: { queue: "string" },
  freshForMs: 60_000,
  answer: (rows) => ({ queue: rows.first("queue") }),
});

const review = { verdict: "REVIEW", reason: "A large loan" } as const;
const allow = { verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" } as const;
const draft = {
  key: "loan",
  inputs: { amount: "number", country: "string" },
  outputs: { ...CONVENTION, queue: "string" },
} as const;

/** Rule 1 reviews what is above the amount, rule 2 denies country XX, rule 3 always allows. */
export function loanTable({ above = 1000, version = 1 }: { above?: number; version?: number } = {}) {
  const rules: TableDraft["rules"] = [
    { amount: [">", String(above)], ...review, reason_code: "LARGE", queue: "desk" },
    { country: ["==", "XX"], verdict: "DENY", reason_code: "COUNTRY", reason: "Not there" },
    allow,
  ];
  return compiled({ ...draft, version, rules });
}

export const NOWHERE = "http://127.0.0.1:1";

export function accountAt(baseUrl: string, account: Partial<OpenTextAccount> = {}): OpenTextAccount {
  return {
    baseUrl,
    tenantId: "sandbox",
    clientId: "sandbox",
    clientSecret: "sandbox",
    timeoutMs: 2000,
    batchTimeoutMs: 4000,
    concurrency: 16,
    requestsPerSecond: undefined,
    queueLimit: 1000,
    recoveryMs: 50,
    versionIntervalMs: 60_000,
    ...account,
  };
}

export const SILENT = pino({ enabled: false });

/** A log whose lines, from level warn, can be read; without what every line has. */
export function readableLog(): { readonly log: Logger; readonly lines: readonly object[] } {
  const lines: object[] = [];
  const write = (line: string): void => {
    const { time: _time, pid: _pid, hostname: _hostname, ...said } = JSON.parse(line) as Record<string, unknown>;
    lines.push(said);
  };
  return { log: pino({ level: "warn" }, { write }), lines };
}

/** Each is a request of its own. */
export function request(): Context {
  return { requestId: "test", caller: "test", log: SILENT };
}

/** Of the text that Prometheus reads: the samples of one metric by their labels, as `model="loan",result="agreed"`. */
export async function samplesOf(
  registry: { metrics(): Promise<string> },
  name: string,
): Promise<Record<string, number>> {
  const line = new RegExp(`^${name}(?:\\{(?<labels>.*)\\})? (?<value>\\S+)$`, "gm");
  return Object.fromEntries(
    Array.from((await registry.metrics()).matchAll(line), ({ groups }) => [
      groups?.["labels"] ?? "",
      Number(groups?.["value"]),
    ]),
  );
}
