/** What the build has made for browsers: small, whole, and asking nothing that the gateway would refuse. */
import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { readConsole } from "../../gateway/http/console-files.ts";
import type { ConsoleFiles } from "../../gateway/http/console-files.ts";
import { trustedWhereValid } from "../../gateway/limits/manifest.ts";
import { readPublicSchema } from "../../gateway/engine/engine.ts";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { readFileSync } from "node:fs";

const root = projectRoot();
const MAX_BYTES = 100 * 1024;

let built: ConsoleFiles;
beforeAll(() => {
  built = readConsole() ?? expect.fail("the console is not built: run npm run build");
});

describe("the console", () => {
  it("is at most 100 KB of scripts and styles, compressed, apart from the playground", () => {
    const own = [...built.assets].filter(([path]) => path !== built.playground && !path.startsWith("/assets/graph-"));
    expect(built.assets.size - own.length).toBe(2);
    const sizes = own.map(([, { encoded }]) => encoded.gzip.length);
    expect(sizes.reduce((total, size) => total + size, 0)).toBeLessThan(MAX_BYTES);
  });

  it("loads nothing that is not among its files", () => {
    const loaded = Array.from(built.page.matchAll(/(?:src|href)="([^"]+)"/g), ([, path = ""]) => path);
    expect(loaded.length).toBeGreaterThan(2);
    expect(loaded.filter((path) => !built.assets.has(path))).toEqual([]);
  });

  it("has nothing inline, which its policy forbids", () => {
    expect(built.page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  });

  it("asks operations that are valid in this graph, by their hashes", () => {
    const schema = readPublicSchema(readFileSync(join(root, SUPERGRAPH), "utf8"));
    const hashes = Object.keys(built.documents);
    expect(hashes.length).toBeGreaterThan(5);
    expect([...trustedWhereValid(built.documents, "/graphql", schema).keys()]).toEqual(hashes);
    expect(Object.values(built.documents).map((text) => hash("sha256", text, "hex"))).toEqual(hashes);
  });

  it("has the types of its operations as the schema gives them", async () => {
    const check = promisify(execFile)(process.execPath, [join(root, "tools/operations.js"), "--check"]);
    await expect(check).resolves.toMatchObject({ stderr: "" });
  }, 120_000);
});
