/** Why does something fail that the operating system or the network refuses? In the words that an operator knows. */

/** One line, without a full stop. */
export function reasonOf(error: unknown): string {
  if (!isObject(error)) return lineOf(String(error));
  // The embedded database's own file system numbers its errors like WASI.
  const code = typeof error["code"] === "string" ? error["code"] : WASI_CODES.get(error["errno"]);
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason !== undefined) return reason;
  return typeof error["message"] === "string" ? lineOf(error["message"]) : (code ?? "unknown error");
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left",
  EDQUOT: "no space left in the quota",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "it is not a folder",
  EEXIST: "it is not a folder",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EIO: "the disk fails",
  ENOMEM: "no memory left",
};
const WASI_CODES: ReadonlyMap<unknown, string> = new Map([
  [2, "EACCES"],
  [19, "EDQUOT"],
  [29, "EIO"],
  [44, "ENOENT"],
  [51, "ENOSPC"],
  [54, "ENOTDIR"],
  [63, "EPERM"],
  [69, "EROFS"],
]);
const MAX_LENGTH = 300;

/** Some errors are pages long. */
export function lineOf(message: string): string {
  const [line = ""] = message.trim().split("\n", 1);
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Our own messages say what cannot be done; any other one is put behind `what`. */
export function sentenceOf(what: string, error: unknown): string {
  if (error instanceof Error && error.message.startsWith("Cannot ")) return error.message;
  return `${what}: ${reasonOf(error)}`;
}
