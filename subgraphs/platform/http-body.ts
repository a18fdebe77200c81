/**
 * What is the text of a body, where the upstream compressed it?
 *
 * None is requested compressed, but proxies compress what nobody asked for. The bytes that come out are limited like those
 * that come in: a small body may decompress to more than this process has memory for.
 */
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from "node:zlib";

/** The body cannot be decompressed, or becomes too large. Its message has nothing of the body. */
export class BodyError extends Error {
  override readonly name = "BodyError";
}

/** Decodes UTF-8 after undoing each encoding of the `Content-Encoding` header. Rejects with a BodyError. */
export async function textOf(
  bytes: Uint8Array,
  encodings: string | readonly string[] | undefined,
  maxBytes: number,
): Promise<string> {
  let decoded = bytes;
  for (const encoding of appliedLast(encodings)) decoded = await decode(decoded, encoding, maxBytes);
  return new TextDecoder().decode(decoded);
}

/** More layers than this are an attack, or a mistake. */
const MAX_LAYERS = 3;
/** In the low half of the first byte of a zlib header, which some servers leave out. */
const ZLIB_METHOD = 8;

type Decompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

const gzip: Decompress = promisify(gunzip);
const zlib: Decompress = promisify(inflate);
const deflated: Decompress = promisify(inflateRaw);
const DECOMPRESS: Readonly<Record<string, Decompress>> = {
  gzip,
  "x-gzip": gzip,
  deflate: (bytes, options) => (((bytes[0] ?? 0) & 15) === ZLIB_METHOD ? zlib : deflated)(bytes, options),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** The encoding that was applied last comes first. */
function appliedLast(encodings: string | readonly string[] | undefined): readonly string[] {
  const names = [encodings ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length > MAX_LAYERS) throw new BodyError(`a body in ${names.length} encodings`);
  return names.toReversed();
}

async function decode(bytes: Uint8Array, encoding: string, maxOutputLength: number): Promise<Uint8Array> {
  const decompress = Object.hasOwn(DECOMPRESS, encoding) ? DECOMPRESS[encoding] : undefined;
  if (!decompress) throw new BodyError("a body in an unknown encoding");
  if (bytes.length === 0) return bytes;
  try {
    return await decompress(bytes, { maxOutputLength });
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw new BodyError(
      isTooLarge ? `a body larger than ${maxOutputLength} bytes` : `a body that is not in its encoding (${encoding})`,
      { cause: error },
    );
  }
}
