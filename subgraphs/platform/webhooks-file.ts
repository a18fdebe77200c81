/**
 * Who is told of events?
 *
 * The endpoints in webhooks.yaml: each has a name, a URL, a secret and the types of events that it is told of. A value that is
 * `${NAME}` is that of an environment variable, so that no secret has to stand in the file. A file that is wrong is refused
 * in one sentence with the line and the field, and never with a value that may be secret.
 */
import { readFileSync } from "node:fs";
import { LineCounter, isNode, parseDocument } from "yaml";
import type { Document } from "yaml";
import { z } from "zod";
import { EVENT_TYPES } from "../../schema/event-type.ts";
import type { EventType } from "../../schema/event-type.ts";
import { isLoopback } from "./hosts.ts";
import { reasonOf } from "./reason.ts";
import { callUrl } from "./upstream-settings.ts";
import { isWebhookSecret } from "./webhook.ts";
import type { WebhookTarget } from "./webhook.ts";

export interface Endpoint extends WebhookTarget {
  /** `campaign-desk` */
  readonly name: string;
  readonly events: readonly EventType[];
  /** A sponsorship is fulfilled once it has accepted the decision. */
  readonly fulfils: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

const SECRET = 'expected "whsec_" and 24 to 64 bytes in base64';
const URL_EXPECTED = "expected https://, or http:// to this machine";
const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const REFERENCE = /^\$\{(\w+)\}$/;

/** Throws an Error in one sentence. */
export function readWebhooks(path: string, variables: Variables): readonly Endpoint[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
  return parseWebhooks(path, text, variables);
}

/** `path` is for errors. */
export function parseWebhooks(path: string, text: string, variables: Variables): readonly Endpoint[] {
  const lines = new LineCounter();
  // Its own pictures of the error would show the line, and a secret in it.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const problem = error.code === "DUPLICATE_KEY" ? "a name stands here for the second time" : "it is not YAML";
    throw new Error(`Cannot read ${path}: line ${lines.linePos(error.pos[0]).line}: ${problem}`);
  }
  const parsed = fileOf(variables).safeParse(document.toJS());
  if (parsed.success) {
    return Object.entries(parsed.data.endpoints).map(([name, endpoint]) => Object.assign({ name }, endpoint));
  }
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  const where = `line ${lineOf(document, issue?.path ?? [], lines)}${field === "" ? "" : `: ${field}`}`;
  throw new Error(`Cannot read ${path}: ${where}: ${issue?.message}`);
}

/** Of the deepest part of the path that is there. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  return path.length === 0 ? 1 : lineOf(document, path.slice(0, -1), lines);
}

function fileOf(variables: Variables) {
  /** Of the file, or of the variable that it names. */
  const value = <Schema extends z.ZodType<string, string>>(schema: Schema, expected: string) =>
    z
      .string({ error: expected })
      .transform((text, context) => {
        const name = REFERENCE.exec(text)?.[1];
        const found = name === undefined ? text : variables[name];
        if (found !== undefined && found !== "") return found;
        context.addIssue(name === undefined ? expected : `the variable ${name} is not set`);
        return z.NEVER;
      })
      .pipe(schema);
  const url = value(
    callUrl
      .refine((text) => URL.canParse(text) && isCallable(new URL(text)), { error: URL_EXPECTED, abort: true })
      .refine((text) => new URL(text).hash === "", 'expected nothing behind "#": it would not be sent'),
    URL_EXPECTED,
  );
  const secret = value(z.string().refine(isWebhookSecret, SECRET), SECRET);
  const type = z.enum(EVENT_TYPES, {
    error: ({ input }) => `there is no event ${JSON.stringify(input)}, only ${EVENT_TYPES.join(", ")}`,
  });
  const endpoint = z
    .strictObject(
      {
        url,
        secret,
        oldSecret: secret.optional(),
        events: z
          .array(type, { error: "expected a list of events" })
          .min(1, "expected at least one event")
          .refine((types) => new Set(types).size === types.length, "expected each event once"),
        fulfils: z.boolean({ error: "expected true or false" }).default(false),
      },
      { error: objectError("expected url, secret and events") },
    )
    .refine(({ events, fulfils }) => !fulfils || events.includes("sponsorship.decided"), {
      path: ["fulfils"],
      error: "expected sponsorship.decided among its events",
    });
  const endpoints = z
    .record(z.string().regex(NAME, "expected up to 40 small letters, digits and hyphens as its name"), endpoint, {
      error: ({ code, issues }) => (code === "invalid_key" ? issues[0]?.message : "expected endpoints by name"),
    })
    .superRefine(assertToldOnce);
  return z.strictObject({ endpoints }, { error: objectError("expected endpoints") });
}

/** A URL that two endpoints have would get their common events twice, with two ids. */
function assertToldOnce(
  endpoints: Readonly<Record<string, Pick<Endpoint, "url" | "events">>>,
  context: z.RefinementCtx,
): void {
  const all = Object.entries(endpoints);
  for (const [index, [name, { url, events }]] of all.entries()) {
    const twin = all
      .slice(0, index)
      .find(([, other]) => other.url === url && other.events.some((type) => events.includes(type)));
    if (twin) context.addIssue({ code: "custom", path: [name, "url"], message: `${twin[0]} has it too` });
  }
}

function objectError(expected: string): z.core.$ZodErrorMap {
  return (issue) => (issue.code === "unrecognized_keys" ? `there is no field ${issue.keys?.join(", ")}` : expected);
}

function isCallable({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[(.*)\]$/, "$1")));
}
