/** Cache keys of packages: the same request upon the same ledgers has the same key. Spec: replay §3, §7. */
import { createHash } from "node:crypto";

const KEY_DIGITS = 24;
const KEY = new RegExp(`^[0-9a-f]{${KEY_DIGITS}}$`);

/** The beginning of the SHA-256 of the fields as JSON: names sorted, no spaces, UTF-8 unescaped. */
export function packageKey(fields: Readonly<Record<string, string | number>>): string {
  const canonical = JSON.stringify(fields, Object.keys(fields).sort());
  return createHash("sha256").update(canonical, "utf8").digest("hex").slice(0, KEY_DIGITS);
}

/** Whether a text can be a key; any other names nothing, and must not become part of a path. */
export function isPackageKey(text: string): boolean {
  return KEY.test(text);
}
