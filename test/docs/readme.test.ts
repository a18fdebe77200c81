/** The README is true: its queries answer as it says, its commands are there and work. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configurable } from "../../subgraphs/registry.ts";
import { projectRoot, variableNames } from "../../subgraphs/platform/environment.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";

const read = (name: string): string => readFileSync(join(projectRoot(), name), "utf8");
const readme = read("README.md");
const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);
const blocks = Array.from(readme.matchAll(/```(\w+)\n([\s\S]*?)```/g), ([, language = "", text = ""]) => ({
  language,
  text,
}));
const titleOf = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 70);

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
});
afterAll(() => graph.stop());

describe("the README's queries", () => {
  const queries = blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1];
    return language === "graphql" ? [{ text, answer: next?.language === "json" ? next.text : undefined }] : [];
  });

  it.each(queries.map((query) => [titleOf(query.text), query] as const))("%s", async (_title, { text, answer }) => {
    const { data, errors } = await graph.query(text);
    expect(errors).toEqual([]);
    if (answer !== undefined) expect({ data }).toEqual(JSON.parse(answer));
  });
});

describe("the README's commands", () => {
  const commands = blocks.flatMap(({ language, text }) => (language === "sh" ? text.trim().split("\n") : []));
  const inline = Array.from(readme.matchAll(/`(npm run [^`]+|curl [^`]+)`/g), ([, command = ""]) => command);

  it("begin with the two that everybody needs", () => {
    expect(commands.slice(0, 2)).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  });

  it.each([...commands, ...inline])("%s", async (command) => {
    const npm = /^npm (?:ci && npm )?(?:run )?(?<script>[a-z]+)/.exec(command)?.groups?.["script"];
    if (npm !== undefined) {
      expect(scripts).toContain(npm);
      return;
    }
    expect(command).toMatch(/^curl /);
    const { origin } = graph.sandbox("opentext");
    const local = command.replace("http://127.0.0.1:4100", origin).replace(/^curl/, "curl --silent --fail-with-body");
    await promisify(execFile)("bash", ["-c", local]);
  });
});

describe("the configuration", () => {
  const described = Array.from(read(".env.example").matchAll(/^([A-Z_]+)=/gm), ([, name = ""]) => name);

  it("is described whole in .env.example, and nothing is described that is not there", () => {
    expect(described.toSorted()).toEqual(variableNames(configurable).toSorted());
  });

  it("is what the README speaks of", () => {
    const spoken = Array.from(readme.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g), ([, name = ""]) => name);
    const known = new Set(described);
    const codes = /^(?:DECISION|UPSTREAM|BAD|NOT)_/;
    expect(spoken.filter((name) => !codes.test(name) && !known.has(name))).toEqual([]);
  });
});
