/**
 * How do a request and its reply differ from an OpenAPI 3.0 document?
 *
 * It is stricter than a validator. Most documents neither require nor forbid fields, so a misspelt one would pass. Here
 * an unknown parameter or field is an error. Over 200 lines, because requests and replies share the walk through the
 * schemas.
 */
import { Ajv } from "ajv";
import type { ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { z } from "zod";

export interface Description {
  /** The prefix of the document's paths: `/ads/v3`. */
  readonly prefix: string;
  /** `url` is the path with its query. */
  request(method: string, url: string): string[];
  /** Of a request. */
  body(method: string, url: string, body: unknown): string[];
  reply(method: string, url: string, status: number, body: unknown): string[];
}

/** A place in the document and the JSON pointer to it. */
interface Place {
  readonly node: Node;
  readonly pointer: string;
}
type Node = z.infer<typeof NodeSchema>;
const NodeSchema = z.record(z.string(), z.unknown());

interface Operation extends Place {
  readonly path: Readonly<Record<string, string>>;
  readonly shared: Place;
}

const KEY = "document";

/** Throws if the text is not an OpenAPI document. */
export function readDescription(text: string): Description {
  const document = NodeSchema.parse(withNulls(parse(text)));
  const paths = NodeSchema.parse(document["paths"]);
  const [server] = z.array(z.object({ url: z.url() })).parse(document["servers"]);
  const prefix = new URL(server?.url ?? "").pathname.replace(/\/$/, "");
  const replies = validator(false);
  const parameters = validator(true);

  return { prefix, request, body, reply };

  function request(method: string, url: string): string[] {
    const operation = find(method, url);
    if (!operation) return ["the document has no such operation"];
    const query = new URL(url, "http://host").searchParams;
    const known = parametersOf(operation);
    const unknown = [...new Set(query.keys())].filter((name) => !known.some(isParameter("query", name)));
    const wrong = known.flatMap(({ node, pointer }) => {
      const {
        name,
        in: where,
        required,
      } = z.object({ name: z.string(), in: z.string(), required: z.boolean().default(false) }).parse(node);
      const values = where === "query" ? query.getAll(name) : where === "path" ? [operation.path[name] ?? ""] : [];
      if (values.length === 0) return required && where === "query" ? [`${name}: required`] : [];
      const value = values.length === 1 ? values[0] : values;
      const check = parameters.compile({ type: "object", properties: { [name]: { $ref: `${pointer}/schema` } } });
      return check({ [name]: value }) ? [] : sayings(check.errors);
    });
    return [...unknown.map((name) => `${name}: the document has no such parameter`), ...wrong];
  }

  function body(method: string, url: string, sent: unknown): string[] {
    const operation = find(method, url);
    const schema = operation && child(operation, "requestBody", "content", "application/json", "schema");
    if (!schema) return sent === undefined || sent === null ? [] : ["the document has no such body"];
    const check = replies.compile({ $ref: schema.pointer });
    return [...(check(sent) ? [] : sayings(check.errors)), ...strangers(sent, [schema], "")];
  }

  function reply(method: string, url: string, status: number, body: unknown): string[] {
    const operation = find(method, url);
    const response = operation && responseOf(operation, status);
    if (!response) return [`the document has no such reply`];
    const schema = child(response, "content", "application/json", "schema");
    if (!schema) return body === undefined ? [] : ["the document has no body here"];
    const check = replies.compile({ $ref: schema.pointer });
    return [...(check(body) ? [] : sayings(check.errors)), ...strangers(body, [schema], "")];
  }

  function validator(coerces: boolean): Ajv {
    const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, coerceTypes: coerces && "array" });
    // ajv-formats is CommonJS: depending on the loader, its default export is the module or a property of it.
    addFormats.default(ajv);
    return ajv.addSchema(document, KEY);
  }

  /** The operation whose path has the fewest placeholders. */
  function find(method: string, url: string): Operation | undefined {
    const wanted = new URL(url, "http://host").pathname.slice(prefix.length).split("/");
    const found = Object.keys(paths).flatMap((template) => {
      const path = matched(template.split("/"), wanted);
      const shared = child({ node: document, pointer: `${KEY}#` }, "paths", template);
      const operation = shared && child(shared, method.toLowerCase());
      return path && shared && operation ? [{ ...operation, path, shared }] : [];
    });
    return found.toSorted((a, b) => Object.keys(a.path).length - Object.keys(b.path).length)[0];
  }

  function parametersOf({ node, pointer, shared }: Operation): readonly Place[] {
    return [...list({ node, pointer }, "parameters"), ...list(shared, "parameters")];
  }

  /** An error whose status is not described has the format of a described error. */
  function responseOf(operation: Operation, status: number): Place | undefined {
    const responses = child(operation, "responses");
    if (!responses) return undefined;
    const error = status < 400 ? undefined : Object.keys(responses.node).find((code) => /^[45]/.test(code));
    return child(responses, String(status)) ?? child(responses, error ?? "default");
  }

  /** The places at a path below, following references at each step. */
  function child(place: Place, ...keys: readonly string[]): Place | undefined {
    let at: Place | undefined = place;
    for (const key of keys) {
      const node: unknown = at?.node[key];
      at = at && isNode(node) ? followed({ node, pointer: `${at.pointer}/${escaped(key)}` }) : undefined;
    }
    return at;
  }

  function list(place: Place, key: string): readonly Place[] {
    const nodes = place.node[key];
    if (!Array.isArray(nodes)) return [];
    return nodes.filter(isNode).map((node, index) => followed({ node, pointer: `${place.pointer}/${key}/${index}` }));
  }

  function followed(place: Place): Place {
    const reference = place.node["$ref"];
    if (typeof reference !== "string") return place;
    const keys = reference.slice(2).split("/").map(unescaped);
    const target = child({ node: document, pointer: `${KEY}#` }, ...keys);
    if (!target) throw new Error(`Cannot read the document: ${reference} leads nowhere`);
    return target;
  }

  /** The fields of a value, at any depth, that none of its schemas has. */
  function strangers(value: unknown, schemas: readonly Place[], path: string): readonly string[] {
    const parts = schemas.flatMap(partsOf);
    if (Array.isArray(value)) {
      const items = parts.flatMap((part) => child(part, "items") ?? []);
      return [...new Set(value.flatMap((item) => strangers(item, items, `${path}/*`)))];
    }
    // A schema without properties, or with additional properties, allows any field.
    if (!isNode(value) || !parts.some(({ node }) => "properties" in node)) return [];
    if (parts.some(({ node }) => "additionalProperties" in node && node["additionalProperties"] !== false)) return [];
    return Object.entries(value).flatMap(([name, field]) => {
      const known = parts.flatMap((part) => child(part, "properties", name) ?? []);
      const at = `${path}/${name}`;
      return known.length === 0 ? [`${at}: the document has no such field`] : strangers(field, known, at);
    });
  }

  function partsOf(schema: Place): readonly Place[] {
    const more = ["allOf", "anyOf", "oneOf"].flatMap((key) => list(schema, key));
    return [schema, ...more.flatMap(partsOf)];
  }
}

/** OpenAPI 3.0 has `nullable`; JSON Schema has the type null. */
function withNulls(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNulls);
  if (!isNode(node)) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withNulls(value)]));
  if (copy["nullable"] !== true) return copy;
  const { nullable: _nullable, ...schema } = copy;
  return { anyOf: [schema, { type: "null" }] };
}

function matched(template: readonly string[], path: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (template.length !== path.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const actual = decodeURIComponent(path[index] ?? "");
    if (part.startsWith("{")) values[part.slice(1, -1)] = actual;
    else if (part !== actual) return undefined;
  }
  return values;
}

function isParameter(where: string, name: string): (place: Place) => boolean {
  return ({ node }) => node["in"] === where && node["name"] === name;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function unescaped(key: string): string {
  return decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
}

function sayings(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
  return (errors ?? []).map(({ instancePath, message }) => `${instancePath || "(body)"}: ${message}`);
}
