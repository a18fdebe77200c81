/** webhooks.yaml: who is told of events, and what is refused in one sentence. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readEnvironment } from "../../subgraphs/platform/environment.ts";
import { parseWebhooks } from "../../subgraphs/platform/webhooks-file.ts";
import { secretOf } from "../support/receiver.ts";

const [SECRET, OLD] = [secretOf(1), secretOf(2)];
const folder = mkdtempSync(join(tmpdir(), "decibel-webhooks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = `
endpoints:
  campaign-desk:
    url: \${DESK_URL}
    secret: \${DESK_SECRET}
    oldSecret: ${OLD}
    events: [sponsorship.decided, case.routed]
    fulfils: true
  audit:
    url: http://[::1]:9000/events
    secret: ${SECRET}
    events:
      - review.opened
`;
const VARIABLES = { DESK_URL: "https://desk.example/hooks?team=7", DESK_SECRET: SECRET, EMPTY: "" };
const parse = (text: string) => parseWebhooks("webhooks.yaml", text, VARIABLES);

/** A file with one endpoint, some of whose lines are others. */
function withLines(lines: Readonly<Record<string, string>>): string {
  const fields = { url: "https://desk.example/hooks", secret: SECRET, events: "[case.routed]", ...lines };
  const text = Object.entries(fields).map(([name, value]) => `    ${name}: ${value}`);
  return ["endpoints:", "  desk:", ...text].join("\n");
}

describe("webhooks.yaml", () => {
  it("names each endpoint with its URL, secrets and events", () => {
    expect(parse(GOOD)).toEqual([
      {
        name: "campaign-desk",
        url: "https://desk.example/hooks?team=7",
        secret: SECRET,
        oldSecret: OLD,
        events: ["sponsorship.decided", "case.routed"],
        fulfils: true,
      },
      { name: "audit", url: "http://[::1]:9000/events", secret: SECRET, events: ["review.opened"], fulfils: false },
    ]);
  });

  it.each([
    [
      "a URL of another machine without TLS",
      { url: "http://desk.example" },
      "3: endpoints.desk.url: expected https://",
    ],
    ["a URL of no HTTP", { url: "ftp://desk.example" }, "3: endpoints.desk.url: "],
    ["no URL", { url: "" }, "endpoints.desk.url: expected https://, or http:// to this machine"],
    ["a name like loopback", { url: "http://127.0.0.1.desk.example" }, "endpoints.desk.url: expected https://"],
    ["a fragment", { url: "https://desk.example/#x" }, 'endpoints.desk.url: expected nothing behind "#"'],
    ["a variable that is not set", { url: "${NOWHERE}" }, "endpoints.desk.url: the variable NOWHERE is not set"],
    ["an empty variable", { secret: "${EMPTY}" }, "4: endpoints.desk.secret: the variable EMPTY is not set"],
    ["a short secret", { secret: "whsec_c2hvcnQ=" }, '4: endpoints.desk.secret: expected "whsec_" and 24 to 64 bytes'],
    ["an old secret that is none", { oldSecret: "planted" }, 'endpoints.desk.oldSecret: expected "whsec_"'],
    [
      "an unknown event",
      { events: "[case.closed]" },
      '5: endpoints.desk.events.0: there is no event "case.closed", only ',
    ],
    ["an event twice", { events: "[case.routed, case.routed]" }, "endpoints.desk.events: expected each event once"],
    ["no event", { events: "[]" }, "endpoints.desk.events: expected at least one event"],
    ["one event without a list", { events: "case.routed" }, "endpoints.desk.events: expected a list of events"],
    ["a field that is none", { event: "x" }, "endpoints.desk: there is no field event"],
    ["a word for yes", { fulfils: "maybe" }, "endpoints.desk.fulfils: expected true or false"],
    [
      "fulfilment without the event",
      { fulfils: "true" },
      "endpoints.desk.fulfils: expected sponsorship.decided among its events",
    ],
    ["a field twice", { "url ": "https://other.example" }, "6: a name stands here for the second time"],
  ])("is refused with %s", (_what, lines, message) => {
    expect(() => parse(withLines(lines))).toThrow(/^Cannot read webhooks\.yaml: line \d+: [^\n]+$/);
    expect(() => parse(withLines(lines))).toThrow(message);
    expect(() => parse(withLines(lines))).not.toThrow("planted");
  });

  it.each([
    ["nothing", "", "line 1: expected endpoints"],
    ["a list", "- url: x", "line 1: expected endpoints"],
    ["no endpoints", "endpoints:", "endpoints: expected endpoints by name"],
    ["another field", "endpoints: {}\nhooks: {}", "there is no field hooks"],
    ["no YAML", "endpoints:\n  - a: [planted", "it is not YAML"],
    ["an endpoint twice", `${withLines({})}\n  desk: {}`, "line 6: a name stands here for the second time"],
    ["a name in capitals", "endpoints:\n  Desk: {}", "expected up to 40 small letters, digits and hyphens as its name"],
    ["an endpoint without fields", "endpoints:\n  desk:", "line 2: endpoints.desk: expected url, secret and events"],
    [
      "a URL of two endpoints that are told of the same",
      `${withLines({})}\n  other: {url: "https://desk.example/hooks", secret: ${SECRET}, events: [case.routed]}`,
      "line 6: endpoints.other.url: desk has it too",
    ],
  ])("is refused with %s", (_what, text, message) => {
    expect(() => parse(text)).toThrow(/^Cannot read webhooks\.yaml: [^\n]+$/);
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).not.toThrow("planted");
  });
});

describe("WEBHOOKS_FILE", () => {
  const read = (variables: Readonly<Record<string, string>>) =>
    readEnvironment(variables, { subgraphs: [], upstreams: [] }).webhooks;
  const file = join(folder, "webhooks.yaml");

  it("names the file, which may name other variables", () => {
    writeFileSync(file, GOOD);
    expect(read({ ...VARIABLES, WEBHOOKS_FILE: file }).map(({ name }) => name)).toEqual(["campaign-desk", "audit"]);
    expect(read(VARIABLES)).toEqual([]);
  });

  it("is named with the file, the endpoint and the field that are wrong", () => {
    writeFileSync(file, withLines({ url: "http://desk.example" }));
    expect(() => read({ WEBHOOKS_FILE: file })).toThrow(
      `  WEBHOOKS_FILE: Cannot read ${file}: line 3: endpoints.desk.url: expected https://, or http:// to this machine`,
    );
    expect(() => read({ WEBHOOKS_FILE: join(folder, "none.yaml") })).toThrow(
      /WEBHOOKS_FILE: Cannot read .*none\.yaml: /,
    );
  });
});
