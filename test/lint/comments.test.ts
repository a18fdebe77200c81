/** No comment and no second configuration takes a file out of the rules that keep rooms apart. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { problemsOfComments } from "./comments.ts";
import { UNLINTED } from "./specifiers.ts";

const root = projectRoot();
const IGNORED = new Set([".git", ...UNLINTED]);
const SOURCE = /\.[cm]?[jt]sx?$/;
const CONFIGURATION = /(?:^|\/)(?:\.?oxlint[^/]*|\.(?:ox|es)lintignore)$/;

/** Every file below the root that is not ignored. */
async function allFiles(): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !IGNORED.has(entry.name));
  const inside = await Promise.all(
    folders.map(async ({ name }) =>
      (await readdir(join(root, name), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    ),
  );
  return [...entries.filter((entry) => entry.isFile()).map(({ name }) => name), ...inside.flat()];
}

const files = await allFiles();

describe("a comment that disables a rule", () => {
  it("names the rule and the reason, and keeps rooms apart, in every source", async () => {
    const sources = files.filter((name) => SOURCE.test(name));
    expect(sources).toEqual(expect.arrayContaining(["vitest.config.ts", "subgraphs/main.ts", "test/lint/comments.ts"]));
    const problems = await Promise.all(
      sources.map(async (name) =>
        problemsOfComments(await readFile(join(root, name), "utf8")).map((problem) => `${name}: ${problem}`),
      ),
    );
    expect(problems.flat()).toEqual([]);
  });

  // Written with a question mark, since this file is read as well.
  it.each([
    "/* oxlint?disable */",
    "/* eslint?disable */",
    "// oxlint?disable",
    "/* oxlint?disable\n  no-console -- spread over lines */",
    "// oxlint?disable no-console -- in the whole file",
    "call(); // oxlint?disable-line no-console -- behind the code",
    "// eslint?disable-next-line no-console -- by the other name",
    "/* oxlint?disable-next-line no-console -- as a block */",
    "// oxlint?disable-next-line",
    "// oxlint?disable-next-line -- every rule",
    "// oxlint?disable-next-line no-console",
    "// oxlint?disable-next-line no-console --",
    "// oxlint?disable-next-line no-console, no-eval",
  ])("is refused in the form %j", (text) => {
    expect(problemsOfComments(text.replace("?", "-"))).toEqual([
      expect.stringContaining("line 1 must disable named rules for the next line"),
    ]);
  });

  it.each([
    "rooms/direction",
    "direction",
    "import/no-cycle",
    "import-x/no-cycle",
    "no-cycle",
    "typescript/consistent-type-imports",
    "@typescript-eslint/consistent-type-imports",
  ])("is refused for %s", (rule) => {
    const text = `call();\n  // oxlint?disable-next-line no-console, ${rule} -- a reason`.replace("?", "-");
    expect(problemsOfComments(text)).toEqual([`line 2 must not disable ${rule}: it keeps rooms apart`]);
  });

  it("is accepted for other rules", () => {
    const text = "  // oxlint?disable-next-line no-console, node/no-process-env -- a reason".replace("?", "-");
    expect(problemsOfComments(text)).toEqual([]);
  });
});

describe("the configuration of oxlint", () => {
  it("is a single file, which keeps rooms apart in every folder", async () => {
    expect(files.filter((name) => CONFIGURATION.test(name))).toEqual([".oxlintrc.json"]);
    const { rules, overrides, ignorePatterns } = JSON.parse(await readFile(join(root, ".oxlintrc.json"), "utf8")) as {
      readonly rules: Readonly<Record<string, unknown>>;
      readonly overrides: readonly { readonly rules: object }[];
      readonly ignorePatterns: readonly string[];
    };
    expect(rules).toMatchObject({
      "rooms/direction": "error",
      "import/no-cycle": ["error", { ignoreTypes: false }],
      "typescript/consistent-type-imports": "error",
    });
    expect(overrides.flatMap((override) => Object.keys(override.rules))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/direction|no-cycle|consistent-type-imports/)]),
    );
    expect(ignorePatterns).toEqual(["dist", "node_modules"]);
  });
});
