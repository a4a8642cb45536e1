/** JSON put together from pieces that are encoded already: most of an answer was encoded for an earlier one. */

export type JsonPart = string | Buffer;

const COMMA = Buffer.from(",");

/** The pieces one after the other. */
export function joinParts(parts: readonly JsonPart[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

/** The pieces as the items of an array or the members of an object, separated by commas. */
export function separated(parts: readonly JsonPart[]): readonly JsonPart[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [COMMA, part]));
}
