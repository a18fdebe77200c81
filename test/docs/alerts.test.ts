/** Who is woken up finds what the alarm names: each metric and label exists, each runbook is a heading, and each line is logged. */
import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { documents, read, root } from "./documents.ts";

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+m$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const GUIDE = "docs/operating.md";
const rules = Rules.parse(parse(read("deploy/alerts.yaml"))).groups.flatMap((group) => group.rules);
const guide = documents.find(({ name }) => name === GUIDE);
const section = (/\n## When an alarm goes off\n([^]*?)\n## /.exec(guide?.text ?? "") ?? [])[1] ?? "";

/** Metric → its labels. */
const metrics = new Map(
  Array.from(read("docs/metrics.md").matchAll(/^\| `(\w+)` +\| \w+ +\| ([^|]*)\|/gm), ([, name = "", labels = ""]) => [
    name,
    Array.from(labels.matchAll(/`(\w+)`/g), ([, label = ""]) => label),
  ]),
);

describe("the alerts", () => {
  it.each(rules)("$alert looks at metrics and labels that there are", ({ expr }) => {
    const selected = Array.from(expr.matchAll(/\b((?:decibel|process|nodejs)_\w+)(?:\{([^}]*)\})?/g));
    expect(selected.length).toBeGreaterThan(0);
    for (const [, name = "", matchers = ""] of selected) {
      const labels = metrics.get(name) ?? expect.fail(`there is no metric ${name}`);
      const matched = Array.from(matchers.matchAll(/(\w+)(?:=|!)/g), ([, label = ""]) => label);
      const grouped = (/\bby \(([^)]*)\)/.exec(expr)?.[1] ?? "").split(", ").filter((one) => one !== "");
      // Prometheus adds it.
      expect([...labels, "instance"]).toEqual(expect.arrayContaining([...matched, ...grouped]));
    }
  });

  it.each(rules)("$alert leads to what to do", ({ annotations }) => {
    const [name, heading = ""] = annotations.runbook.split("#");
    expect(name).toBe(GUIDE);
    expect(guide?.headings).toContain(heading);
  });

  it("have names of their own", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe("what to do about an alarm", () => {
  const source = globSync("{gateway,subgraphs}/**/*.ts", { cwd: root }).map(read).join("\n");
  const inline = Array.from(section.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code);

  it("names metrics that there are", () => {
    const named = inline.flatMap((code) => /^(?:decibel|process|nodejs)_\w+/.exec(code)?.[0] ?? []);
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((name) => !metrics.has(name))).toEqual([]);
  });

  it("quotes lines that are logged, and reasons that are given", () => {
    const quoted = inline.filter((code) => code.includes(" ") && !code.startsWith("npm "));
    expect(quoted.length).toBeGreaterThan(20);
    expect(quoted.filter((words) => !source.includes(words))).toEqual([]);
  });
});
