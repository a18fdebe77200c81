/**
 * How does the graph return lists?
 *
 * As Relay connections: up to 200 nodes a page, opaque cursors, and a total that is counted only if a client selects it.
 */
import { ArgsType, Directive, Extensions, Field, Int, ObjectType } from "type-graphql";
import type { ClassType } from "type-graphql";
import { badUserInput } from "./errors.ts";
import { PartnerFields } from "./partner.ts";
import { Authenticated, RequiresScopes } from "./requires-scopes.ts";
import { DateTime } from "./scalars.ts";
import type { RequiredScopes } from "./scope.ts";

/** The extension of a field whose value is a function, called if a client selects the field. */
export const LAZY = { lazy: true } as const;

export const MAX_FIRST = 200;
const DEFAULT_FIRST = 20;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_FIRST, description: `1 to ${MAX_FIRST}` })
  first!: number | null;
  @Field(() => String, { nullable: true, description: "a cursor of this list; the page begins after it" })
  after!: string | null;
}

@Authenticated()
@PartnerFields("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
@Directive("@shareable")
@ObjectType({ simpleResolvers: true })
export class PageInfo {
  @Field()
  hasNextPage!: boolean;
  @Field()
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true })
  startCursor!: string | null;
  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
  /** Called if a client selects it. */
  readonly totalCount: () => number | Promise<number>;
  /** Of a dated connection. */
  readonly asOf?: Date | null;
}

const AS_OF =
  "of a worklist: everything that had changed by then is in it; null while that is not known, and of other lists";

export interface ConnectionOptions {
  /** Of all its fields: those of the node's id, or fewer. */
  readonly scopes: RequiredScopes;
  /** It can be a worklist. Default false. */
  readonly isDated?: boolean;
  /** Whether partners see it: its nodes, page by page. Default false. */
  readonly isForPartners?: boolean;
}

/** The `…Connection` and `…Edge` types of a node. */
export function connectionOf<T extends object>(
  name: string,
  node: () => ClassType<T>,
  { scopes, isDated = false, isForPartners = false }: ConnectionOptions,
) {
  @RequiresScopes(...scopes)
  @ObjectType(`${name}Edge`, { simpleResolvers: true })
  class EdgeType {
    @Field()
    cursor!: string;
    @Field(node)
    node!: T;
  }

  @RequiresScopes(...scopes)
  @PartnerFields(...(isForPartners ? ["nodes", "pageInfo"] : []))
  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  class ConnectionType {
    @Field(() => [EdgeType])
    edges!: readonly EdgeType[];
    @Field(() => [node()])
    nodes!: readonly T[];
    @Field(() => PageInfo)
    pageInfo!: PageInfo;
    @Extensions(LAZY)
    @Field(() => Int)
    totalCount!: () => number | Promise<number>;
    asOf?: Date | null;
  }
  if (isDated) Field(() => DateTime, { nullable: true, description: AS_OF })(ConnectionType.prototype, "asOf");

  return ConnectionType;
}

/** How many nodes a page may hold. Throws BAD_USER_INPUT that names the limits. */
export function pageSize({ first }: PageArgs): number {
  const size = first ?? DEFAULT_FIRST;
  if (size < 1 || size > MAX_FIRST) {
    throw badUserInput(`Cannot list: first must be from 1 to ${MAX_FIRST}, but got ${size}`, "first");
  }
  return size;
}

/** The cursors of one list: positions as opaque text. */
export interface Cursors<Position> {
  encode(position: Position): string;
  /** undefined without a cursor. Throws BAD_USER_INPUT if the cursor is not of this list. */
  decode(args: PageArgs): Position | undefined;
}

/** `parse` gives undefined for an invalid position: a cursor is client input. */
export function cursorsOf<Position>(list: string, parse: (value: unknown) => Position | undefined): Cursors<Position> {
  return {
    encode: (position) => Buffer.from(JSON.stringify([list, position])).toString("base64url"),
    decode({ after }) {
      if (after === null || after === undefined) return undefined;
      const [ofList, value] = parsed(after);
      const position = ofList === list ? parse(value) : undefined;
      if (position === undefined) throw badUserInput(`Cannot list: after is not a cursor of ${list}`, "after");
      return position;
    },
  };
}

/** A page of nodes with their positions. */
export function connection<T, Position>(page: {
  readonly items: readonly { readonly position: Position; readonly node: T }[];
  readonly cursors: Cursors<Position>;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: () => number | Promise<number>;
}): Connection<T> {
  const edges = page.items.map(({ position, node }) => ({ cursor: page.cursors.encode(position), node }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: page.totalCount,
  };
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
