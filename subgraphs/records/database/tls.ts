/**
 * Is a connection to the server encrypted, and is the server's certificate verified?
 *
 * As psql understands `sslmode`: `prefer`, the default, encrypts where the server can; `require` encrypts and trusts any
 * certificate, or only those of `sslrootcert` where that is given; `verify-full` also compares the name. The driver reads
 * the same parameters differently, so it gets none of them.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";

/** `false` for a connection that is not encrypted. */
export type Tls = ConnectionOptions | false;
type Parameters = ReadonlyMap<string, string>;

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof MODES)[number];

/** The authorities that the system trusts. */
const SYSTEM = "system";

/** The ways to connect, in the order in which they are tried. Throws an Error that names the parameter. */
export function tlsOf(host: string, parameters: Parameters): readonly Tls[] {
  const mode = modeOf(parameters);
  // A socket of this machine.
  if (mode === "disable" || host.startsWith("/")) return [false];
  const encrypted = { ...clientCertificate(parameters), ...verification(mode, parameters.get("sslrootcert")) };
  if (mode === "allow") return [false, encrypted];
  return mode === "prefer" ? [encrypted, false] : [encrypted];
}

function modeOf(parameters: Parameters): Mode {
  const given = parameters.get("sslmode");
  if (given === undefined) {
    const ssl = parameters.get("ssl");
    if (ssl === "true" || ssl === "1") return "require";
    if (ssl === "false" || ssl === "0") return "disable";
    return parameters.get("sslrootcert") === SYSTEM ? "verify-full" : "prefer";
  }
  const mode = MODES.find((each) => each === given);
  if (mode) return mode;
  throw new Error(`DATABASE_URL has sslmode=${given}, which is not one of ${MODES.join(", ")}`);
}

/** As psql finds them. A user of a container may have no home. */
function standardAuthorities(): string | undefined {
  try {
    const path = join(homedir(), ".postgresql", "root.crt");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function verification(mode: Mode, given: string | undefined): ConnectionOptions {
  const path = given ?? standardAuthorities();
  if (path === SYSTEM) {
    if (mode === "verify-full") return {};
    throw new Error(`DATABASE_URL has sslrootcert=system, which needs sslmode=verify-full, but got sslmode=${mode}`);
  }
  if (path !== undefined && mode !== "allow" && mode !== "prefer") {
    const ca = read("sslrootcert", path);
    return mode === "verify-full" ? { ca } : { ca, checkServerIdentity: () => undefined };
  }
  // psql refuses this without a file; the authorities that the system trusts are as safe.
  if (mode === "verify-full") return {};
  if (mode === "verify-ca") throw new Error("DATABASE_URL has sslmode=verify-ca, which needs sslrootcert");
  return { rejectUnauthorized: false };
}

function clientCertificate(parameters: Parameters): ConnectionOptions {
  const [cert, key, passphrase] = [parameters.get("sslcert"), parameters.get("sslkey"), parameters.get("sslpassword")];
  return {
    ...(cert !== undefined && { cert: read("sslcert", cert) }),
    ...(key !== undefined && { key: read("sslkey", key) }),
    ...(passphrase !== undefined && { passphrase }),
  };
}

function read(parameter: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`DATABASE_URL has an ${parameter} that cannot be read: ${reason}`, { cause: error });
  }
}
