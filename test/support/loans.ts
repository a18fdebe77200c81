/** One decision with its table and account: for tests of deciding that do not depend on the decision. */
import { pino } from "pino";
import type { Logger } from "pino";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import type { Context } from "../../subgraphs/platform/context.ts";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import type { OpenTextAccount } from "../../subgraphs/pipeline/opentext/account.ts";
import { CONVENTION, compiled } from "./otdt.ts";
import type { TableDraft } from "./otdt.ts";

export const loan = decision({
  key: "loan",
  inputs: { amount: "number", country: "string" },
  outputs: { queue: "first" },
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

type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

/** A log whose lines from level warn can be read, without the fields that all lines have. */
export function readableLog(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string): void => {
    const { time: _time, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line) as Record<string, unknown>;
    lines.push(fields);
  };
  return { log: pino({ level: "warn" }, { write }), lines };
}

/** A new request each time. */
export function request(): Context {
  return backgroundContext(SILENT, "test");
}

/** The samples of one metric in the Prometheus text format, by their labels: `model="loan",result="agreed"`. */
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
