/** Which documents and operations does the gateway refuse because of their size? Each refusal names the limit. */
import { GraphQLError, Lexer, Source, TokenKind, parse } from "graphql";
import type { DocumentNode, ParseOptions } from "graphql";

/** A query of every field of the graph has some hundreds. */
const MAX_TOKENS = 10_000;
/** Of braces, brackets and parentheses. */
const MAX_DEPTH = 500;
const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Throws a GraphQLError for a syntax error, or for a document with too many tokens or levels. */
export function parseLimited(source: string | Source, options?: ParseOptions): DocumentNode {
  const document = typeof source === "string" ? new Source(source) : source;
  assertSize(document);
  return parse(document, options);
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

/** `Cannot execute: the document has more than 10000 tokens`, with code LIMIT_EXCEEDED. */
export function limitExceeded(state: string): GraphQLError {
  return new GraphQLError(`Cannot execute: the ${state}`, {
    extensions: { code: "LIMIT_EXCEEDED", http: { status: 400, spec: true } },
  });
}
