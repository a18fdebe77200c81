/**
 * Where does a file name another, and is each of these places allowed?
 *
 * oxlint loads this file as a plugin (see .oxlintrc.json). What hides a file's name from it is an error in every room.
 */
import { relative, sep } from "node:path";
import { problemOfPath, problemOfSpecifier } from "./specifiers.ts";
import type { Importer } from "./specifiers.ts";

/** A node of oxlint's syntax tree, as far as it is read here. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  /** Of an import or an export. */
  readonly source?: Node | null;
  /** Of `import x = …`. */
  readonly moduleReference?: Node;
  /** Of `declare module`. */
  readonly id?: Node;
  readonly callee?: Node;
  readonly arguments?: readonly Node[];
  readonly object?: Node;
  readonly property?: Node;
  /** Of a template. */
  readonly quasis?: readonly { readonly value: { readonly cooked: string } }[];
}
interface RuleContext {
  readonly cwd: string;
  readonly filename: string;
  readonly sourceCode: { readonly getAllComments: () => readonly (Node & { readonly value: string })[] };
  readonly report: (problem: { readonly message: string; readonly node: Node }) => void;
}

const LOADERS = new Set(["require", "createRequire", "getBuiltinModule"]);
const REFERENCE = /^\/\s*<(?:reference|amd-dependency)\s[^>]*?\b(path|types)\s*=\s*["']([^"']*)/;

const direction = {
  create(context: RuleContext) {
    const importer = { root: context.cwd, filename: context.filename };
    const report = (node: Node, message: string | undefined): void => {
      if (message !== undefined) context.report({ node, message });
    };

    const checkSource = (node: Node): void => {
      if (!node.source) return;
      const specifier = literalOf(node.source);
      report(
        node,
        specifier === undefined
          ? "import() must be given a literal: no other argument tells which file it names"
          : problemOfSpecifier(importer, specifier),
      );
    };

    return {
      ImportDeclaration: checkSource,
      ExportNamedDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      ImportExpression(node: Node): void {
        checkSource(node);
        const specifier = node.source && literalOf(node.source);
        if (specifier?.startsWith(".") && !mayLoadLate(importer)) {
          report(node, `"${specifier}" must not be imported by import(): no-cycle does not see it; use an import`);
        }
      },
      TSImportType: checkSource,

      TSImportEqualsDeclaration(node: Node): void {
        if (node.moduleReference?.type === "TSExternalModuleReference") report(node, useImport("require"));
      },
      /** Wherever it stands: it could be given another name. */
      Identifier(node: Node): void {
        if (node.name !== undefined && LOADERS.has(node.name)) report(node, useImport(node.name));
      },
      MemberExpression(node: Node): void {
        if (isOfMeta(node, "resolve")) report(node, useImport("import.meta.resolve"));
      },

      NewExpression(node: Node): void {
        const [first] = node.arguments ?? [];
        if (isUrlHere(node)) {
          const path = first && literalOf(first);
          report(
            node,
            path === undefined
              ? "new URL(…, import.meta.url) must be given a literal: nothing else tells which file it names"
              : problemOfPath(importer, path),
          );
        } else if (nameOf(node.callee) === "Worker" && !(first && isUrlHere(first))) {
          report(
            node,
            'new Worker() must be given new URL("…", import.meta.url): nothing else tells which file it names',
          );
        }
      },

      TSModuleDeclaration(node: Node): void {
        const specifier = node.id && literalOf(node.id);
        if (specifier !== undefined) report(node, problemOfSpecifier(importer, specifier));
      },
      Program(): void {
        for (const comment of context.sourceCode.getAllComments()) {
          const [, kind, target] = REFERENCE.exec(comment.value) ?? [];
          if (target !== undefined) {
            report(comment, kind === "path" ? problemOfPath(importer, target) : problemOfSpecifier(importer, target));
          }
        }
      },
    };
  },
};

const LOADS_LATE: ReadonlySet<string> = new Set([
  // The native engine cannot be loaded on every platform, so its file is imported when it is tried.
  "gateway/engine/engine.ts",
  // Of the console, what few people open is bundled apart. Nothing but its first file imports this one, so there is no cycle.
  "gateway/console/app.tsx",
]);

function mayLoadLate({ root, filename }: Importer): boolean {
  return LOADS_LATE.has(relative(root, filename).split(sep).join("/"));
}

function literalOf(node: Node): string | undefined {
  if (typeof node.value === "string") return node.value;
  return node.type === "TemplateLiteral" && node.quasis?.length === 1 ? node.quasis[0]?.value.cooked : undefined;
}

const useImport = (name: string): string => `${name} must not be used: use an import, which tells the file it names`;

function isOfMeta(node: Node | undefined, property: string): boolean {
  return node?.object?.type === "MetaProperty" && nameOf(node) === property;
}

/** `new URL(…, import.meta.url)` */
function isUrlHere(node: Node): boolean {
  return nameOf(node.callee) === "URL" && isOfMeta(node.arguments?.[1], "url");
}

/** `x`, `y.x` and `y["x"]` */
function nameOf(node: Node | undefined): string | undefined {
  return node?.property ? (node.property.name ?? literalOf(node.property)) : node?.name;
}

// oxlint-disable-next-line import/no-default-export -- oxlint reads the default
export default { meta: { name: "rooms" }, rules: { direction } };
