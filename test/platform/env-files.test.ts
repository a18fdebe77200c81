/** Files of variables, as docker and systemd read them: the example of this project, and what an operator may write. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot, readEnvironment, variableNames } from "../../subgraphs/platform/environment.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { asDocker, asSystemd, hasDocker, hasSystemd, readByDocker, readBySystemd } from "../support/env-files.ts";

const example = readFileSync(join(projectRoot(), ".env.example"), "utf8");
/** Read alike by both. */
const PLAIN = String.raw`
# a comment
  # another, indented

DATA_DIR=folder with blanks
MEGAPHONE_TOKEN=a=b#c;d'e"f
LOG_LEVEL=
DATABASE_URL=postgres://me:p%5Cw@a,b:6543/decibel?sslmode=require
`;
/** Taken apart by systemd alone. */
const ODD = String.raw`; a comment
# one that goes on \
IGNORED=1
A="quoted \"twice\" \\ \n"
B='single \ q'
C='it''s'
D="x"y
E=back\slash \# x
F=  blanks at both ends  ${""}
G=a 'b c' d
H= # none
I=one\
two
no assignment
J=last`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "decibel-env-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// oxlint-disable-next-line no-console -- a skipped test must be visible
if (!hasDocker || !hasSystemd) console.warn("SKIPPED: the readers of docker or systemd, which are not installed");
const readers = [
  ["docker's rules", true, async (text: string) => asDocker(text)],
  ["docker", hasDocker, (text: string) => readByDocker(folder, text)],
  ["systemd's rules", true, async (text: string) => asSystemd(text)],
  ["systemd", hasSystemd, (text: string) => readBySystemd(folder, text)],
] as const;

describe.each(readers.filter(([, isInstalled]) => isInstalled))("%s", (_reader, _isInstalled, read) => {
  it("read the defaults out of .env.example", async () => {
    const given = await read(example);
    expect(readEnvironment(given, configurable)).toEqual(readEnvironment({}, configurable));
  });

  it("read plain values as they are written", async () => {
    expect(await read(PLAIN)).toMatchObject({
      DATA_DIR: "folder with blanks",
      MEGAPHONE_TOKEN: `a=b#c;d'e"f`,
      DATABASE_URL: "postgres://me:p%5Cw@a,b:6543/decibel?sslmode=require",
    });
  });
});

it.each([
  ["docker's rules", asDocker],
  ["systemd's rules", asSystemd],
])("%s find every variable in .env.example", (_reader, read) => {
  expect(Object.keys(read(example)).toSorted()).toEqual(variableNames(configurable).toSorted());
});

it("systemd's rules are those of systemd", async () => {
  const given = asSystemd(ODD);
  expect(given).toEqual({
    A: String.raw`quoted "twice" \ \n`,
    B: String.raw`single \ q`,
    C: "its",
    D: "xy",
    E: "backslash # x",
    F: "blanks at both ends",
    G: "a 'b c' d",
    H: "# none",
    I: "onetwo",
    J: "last",
  });
  if (hasSystemd) expect(await readBySystemd(folder, ODD)).toMatchObject(given);
});
