/** Which documents and operations does the gateway refuse because of their size? Each refusal names the limit. */
import { GraphQLError, Lexer, Source, TokenKind, parse, visit } from "graphql";
import type { DocumentNode, ParseOptions } from "graphql";

/** A query of every field of the graph has some hundreds. */
const MAX_TOKENS = 10_000;
/** Of braces, brackets and parentheses. */
const MAX_DEPTH = 500;
/** A page that looks up many entities by id has some hundreds. */
const MAX_ALIASES = 1000;
const MAX_DIRECTIVES = 1000;
const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Throws a GraphQLError for a syntax error, or for a document with too many tokens, levels, aliases or directives. */
export function parseLimited(source: string | Source, options?: ParseOptions): DocumentNode {
  const document = typeof source === "string" ? new Source(source) : source;
  assertSize(document);
  const parsed = parse(document, options);
  assertNames(parsed);
  return parsed;
}

/** Before parsing: the parser calls itself for every level. */
function assertSize(source: Source): void {
  const lexer = new Lexer(source);
  let depth = 0;
  for (let count = 0; lexer.advance().kind !== TokenKind.EOF; count += 1) {
    if (count === MAX_TOKENS) throw limitExceeded(`document has more than ${MAX_TOKENS} tokens`);
    if (OPENING.has(lexer.token.kind)) depth += 1;
    if (CLOSING.has(lexer.token.kind)) depth -= 1;
    if (depth > MAX_DEPTH) throw limitExceeded(`document has more than ${MAX_DEPTH} levels`);
  }
}

function assertNames(document: DocumentNode): void {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field({ alias }) {
      if (alias) aliases += 1;
      if (aliases > MAX_ALIASES) throw limitExceeded(`document has more than ${MAX_ALIASES} aliases`);
    },
    Directive() {
      directives += 1;
      if (directives > MAX_DIRECTIVES) throw limitExceeded(`document has more than ${MAX_DIRECTIVES} directives`);
    },
  });
}

/** `Cannot execute: the document has more than 10000 tokens`, with code LIMIT_EXCEEDED. */
export function limitExceeded(state: string): GraphQLError {
  return new GraphQLError(`Cannot execute: the ${state}`, {
    extensions: { code: "LIMIT_EXCEEDED" },
  });
}
