/**
 * Where in a trace is this?
 *
 * A span is one step of a request: a call, a batch, the planning of an operation. Where nothing is traced there is none, so
 * that `spanHere()?.begin(…)` costs a look-up, and its attributes are never made. Attributes are names of ours, counts, codes
 * and statuses: never a fact, an id, a URL, or a text of a client or an upstream.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Of the semantic conventions: who waits for whom. */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** What a span can begin below: another span, or one of another process. */
export interface SpanParent {
  /** 32 hexadecimal digits, as in the log. */
  readonly traceId: string;
  begin(name: string, attributes?: Attributes, kind?: SpanKind): Span;
}

export interface Span extends SpanParent {
  /** The value of the header `traceparent`, for whom it calls. */
  readonly traceparent: string;
  /** The headers that an upstream of this name is sent: none, unless it is one that takes part in traces. */
  headersFor(upstream: string): Readonly<Record<string, string>> | undefined;
  set(attributes: Attributes): void;
  /** Adds one to an attribute that counts. */
  count(attribute: string): void;
  /** Once. `error`: the code of what failed, or the name of its class. */
  end(error?: string): void;
}

const here = new AsyncLocalStorage<Span | undefined>();

/** For what is begun here. */
export function spanHere(): Span | undefined {
  return here.getStore();
}

/** Everything that `work` begins is below the span, if there is one. */
export function within<T>(span: Span | undefined, work: () => T): T {
  return span ? here.run(span, work) : work();
}

/** For what is done later, when it is its turn: what it begins is below the span that is here now. */
export function boundHere<Args extends readonly unknown[], T>(work: (...args: Args) => T): (...args: Args) => T {
  const span = spanHere();
  return (...args) => here.run(span, work, ...args);
}

/** Does the work in a span, which ends with it. */
export function spanning<T>(span: Span | undefined, work: () => Promise<T>): Promise<T> {
  return span ? ending(span, here.run(span, work)) : work();
}

async function ending<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    span.end();
    return result;
  } catch (error) {
    span.end(nameOf(error));
    throw error;
  }
}

/** Never its message, which may quote anything. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  for (const key of ["failure", "code"] as const) {
    const name: unknown = Reflect.get(error, key);
    if (typeof name === "string" && /^\w{1,64}$/.test(name)) return name;
  }
  return error.name;
}
