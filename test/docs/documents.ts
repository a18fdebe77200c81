/** The README and the documents in docs/, with their code blocks, inline code and links. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { z } from "zod";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

export interface Block {
  /** The document, relative to the root of the project. */
  readonly document: string;
  /** The heading of level 2 that it stands under; empty where there is none. */
  readonly section: string;
  readonly line: number;
  /** The first word behind the fence; empty where there is none. */
  readonly language: string;
  /** The file that the block is or changes: `ts file=subgraphs/…`. */
  readonly file: string | undefined;
  readonly text: string;
}

export interface Document {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Code in backticks outside blocks. */
  readonly inline: readonly string[];
  /** Relative links: the file, from the root of the project, and the heading. */
  readonly links: readonly { readonly file: string; readonly heading: string | undefined }[];
  /** Headings as GitHub links to them. */
  readonly headings: readonly string[];
}

export const root = projectRoot();
/** Its blocks are applied to a copy of the project: see extending.test.ts. */
export const EXTENDING = "docs/extending.md";
/** The folder of what partners may send; its document has its name. */
export const PARTNERS = "docs/partners";
export const read = (name: string): string => readFileSync(join(root, name), "utf8");

const Scripts = z.object({ scripts: z.record(z.string(), z.string()) });
/** Of package.json: name → what npm runs. */
export const { scripts } = Scripts.parse(JSON.parse(read("package.json")));

/** In a list or a quote too. */
const FENCE = /^(?<before>[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*)(?<fence>`{3,}|~{3,})(?<info>.*)$/;

export const documents: readonly Document[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((name) => toDocument(name, read(name)));

export const blocks: readonly Block[] = documents.flatMap((document) => document.blocks);

export const isForPartners = ({ document, text }: Block): boolean =>
  document === `${PARTNERS}.md` || text.startsWith("query Eligibility");

/** Where a block stands, and how it begins. */
export const titleOf = ({ document, line, text }: Block): string =>
  `${document}:${line} ${text.replaceAll(/\s+/g, " ").slice(0, 60)}`;

/** Throws an Error where a block does not end. */
export function toDocument(name: string, text: string): Document {
  const { blocks, prose } = split(name, text);
  const links = Array.from(prose.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g), ([, target = "", heading]) => ({
    file: target === "" ? name : posix.join(dirname(name), target),
    heading,
  }));
  return {
    name,
    text,
    blocks,
    inline: Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code),
    links,
    headings: Array.from(prose.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) => anchorOf(heading)),
  };
}

interface Open {
  readonly fence: string;
  readonly indent: number;
  readonly block: Omit<Block, "text">;
  readonly lines: string[];
}

/** The blocks, and the lines outside them. */
function split(document: string, text: string): { readonly blocks: readonly Block[]; readonly prose: string } {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let section = "";
  let open: Open | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open && isEnd(line, open.fence)) {
      blocks.push({ ...open.block, text: open.lines.map((each) => `${each}\n`).join("") });
      open = undefined;
    } else if (open) {
      open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
    } else {
      const { before = "", fence, info = "" } = FENCE.exec(line)?.groups ?? {};
      // Behind a fence of backticks stands none: that is inline code.
      if (fence === undefined || (fence.startsWith("`") && info.includes("`"))) {
        prose.push(line);
        section = /^## (.+)$/.exec(line)?.[1] ?? section;
      } else {
        const [language = "", ...attributes] = info.trim().split(/\s+/);
        const file = attributes.find((attribute) => attribute.startsWith("file="))?.slice("file=".length);
        const block = { document, section, line: index + 1, language, file };
        open = { fence, indent: before.length, block, lines: [] };
      }
    }
  }
  if (open) throw new Error(`${document}:${open.block.line} has a block that does not end`);
  return { blocks, prose: prose.join("\n") };
}

/** A fence ends with as many of its characters, or more. */
function isEnd(line: string, fence: string): boolean {
  const text = line.replace(/^[\s>]*/, "").trimEnd();
  return text.length >= fence.length && text === fence.charAt(0).repeat(text.length);
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}
