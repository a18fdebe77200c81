/**
 * Which servers does the URL of a PostgreSQL database name?
 *
 * As psql reads it: one or several hosts with their ports, folders of sockets, and parameters that may stand for any part.
 * Not `URL`, which knows one host, and cuts off what is behind a "#". No message repeats a part of the URL that may be, or
 * may have been meant as, its password.
 */

export interface DatabaseUrl {
  /** At least one, in the order in which they are tried. */
  readonly hosts: readonly DatabaseHost[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  /** All that are behind the "?". */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface DatabaseHost {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
}

const SCHEME = /^postgres(?:ql)?:\/\//;
const PORT = 5432;
const EXAMPLE = "as in postgres://user:password@host:5432/decibel";
const NOT_ENCODED = 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F';
/** Of those that psql knows, which lead to a server that writes. */
const WRITING = new Set(["any", "read-write", "primary"]);

/** Throws an Error that says what to change. */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  if (!SCHEME.test(text)) throw new Error(`expected postgres:// or postgresql:// in front, ${EXAMPLE}`);
  const [, authority = "", path = "", query = ""] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text.replace(SCHEME, "")) ?? [];
  // A password ends at the last "@": no host has one.
  const at = authority.lastIndexOf("@");
  const [user = "", password] = at === -1 ? [] : splitOnce(authority.slice(0, at), ":");
  const addresses = authority.slice(at + 1);
  // What looks like a host, a path or a parameter was part of a password.
  const isQuery = path !== "" && isPorts(addresses) && query.split("&").every((each) => each.includes("="));
  const isCut = path.includes("@") || (query.includes("@") && !isQuery);
  if (isCut) throw new Error(NOT_ENCODED);
  if (`${addresses}${path}${query}`.includes("#")) throw new Error('expected "#" percent-encoded as %23');

  const parameters = new Map(query.split("&").flatMap((each) => (each === "" ? [] : [parameterOf(each)])));
  for (const name of ["hostaddr", "service"]) {
    if (parameters.has(name)) throw new Error(`expected its host itself, without ${name}`);
  }
  const database = decoded(path) || parameters.get("dbname");
  if (!database) throw new Error(`expected the name of a database behind the host, ${EXAMPLE}`);
  const target = parameters.get("target_session_attrs") ?? "any";
  if (!WRITING.has(target)) {
    throw new Error("expected target_session_attrs=read-write, because the database is written to");
  }
  return {
    hosts: hostsOf(addresses, parameters),
    user: decoded(user) || parameters.get("user"),
    password: decoded(password ?? "") || parameters.get("password"),
    database,
    parameters,
  };
}

/** `10.0.0.7:5432/decibel`: without the user and the password. */
export function addressOf({ host, port }: DatabaseHost, database: string): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

function hostsOf(addresses: string, parameters: ReadonlyMap<string, string>): readonly DatabaseHost[] {
  const given = addresses.split(",").map((each) => HOST.exec(each) ?? []);
  const hosts = parameters.get("host")?.split(",") ?? given.map(([, host = ""]) => decoded(host));
  const ports = parameters.get("port")?.split(",") ?? given.map(([, , port = ""]) => port);
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw new Error(`expected one port, or one for each of its hosts, ${EXAMPLE}`);
  }
  return hosts.map((host, index) => ({
    host: host.replace(/^\[(.*)\]$/, "$1") || "localhost",
    // One port is that of all hosts.
    port: portOf((ports.length === 1 ? ports[0] : ports[index]) ?? ""),
  }));
}

const HOST = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s;

function portOf(text: string): number {
  const port = text === "" ? PORT : Number(text);
  if (/^\d*$/.test(text) && port > 0 && port <= 65_535) return port;
  throw new Error(`expected a number from 1 to 65535 as its port, ${EXAMPLE}`);
}

function isPorts(addresses: string): boolean {
  return addresses.split(",").every((each) => /^\d*$/.test(HOST.exec(each)?.[2] ?? ""));
}

function parameterOf(text: string): readonly [name: string, value: string] {
  const [name, value] = splitOnce(text, "=");
  if (value === undefined) throw new Error('expected each parameter behind "?" as name=value');
  return [decoded(name), decoded(value)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('expected "%" percent-encoded as %25');
  }
}

function splitOnce(text: string, separator: string): readonly [before: string, after?: string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}
