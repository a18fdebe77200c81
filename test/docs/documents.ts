/** The README and the documents in docs/, with their code blocks, inline code and links. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

export interface Block {
  /** The document, relative to the root of the project. */
  readonly document: string;
  readonly line: number;
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
export const read = (name: string): string => readFileSync(join(root, name), "utf8");

const FENCED = /^```(\w*)(?: file=(\S+))?\n([\s\S]*?)^```$/gm;

export const documents: readonly Document[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map(toDocument);

export const blocks: readonly Block[] = documents.flatMap((document) => document.blocks);

function toDocument(name: string): Document {
  const text = read(name);
  const prose = text.replaceAll(FENCED, "");
  const links = Array.from(prose.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g), ([, target = "", heading]) => ({
    file: target === "" ? name : posix.join(dirname(name), target),
    heading,
  }));
  return {
    name,
    text,
    blocks: Array.from(text.matchAll(FENCED), (match) => {
      const [, language = "", file, content = ""] = match;
      return { document: name, line: text.slice(0, match.index).split("\n").length, language, file, text: content };
    }),
    inline: Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code),
    links,
    headings: Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) => anchorOf(heading)),
  };
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}
