/** Parameters of a REST request, read as strictly as the exchange reads them. Spec: binance-protocol §3.5, §4.1. */
import { SYMBOL_PATTERN } from "../symbols.js";
import { restErrors } from "./errors.js";

export type Query = Readonly<Record<string, string>>;

const WHOLE_NUMBER = /^[0-9]{1,20}$/;

/** @throws RestError -1104 when a parameter was sent that the route does not know. */
export function requireKnown(query: Query, known: readonly string[]): void {
  const sent = Object.keys(query);
  const read = sent.filter((name) => known.includes(name)).length;
  if (read < sent.length) throw restErrors.unreadParameters(read, sent.length);
}

/** @throws RestError -1102 when it is missing or empty. */
export function requireText(query: Query, name: string): string {
  const text = query[name];
  if (text === undefined || text === "") throw restErrors.missing(name);
  return text;
}

/** @throws RestError -1100 when it has characters that no symbol has. */
export function checkSymbolText(name: string, text: string): string {
  if (!SYMBOL_PATTERN.test(text)) throw restErrors.illegalCharacters(name, "^[A-Z0-9-_.]{1,20}$");
  return text;
}

/** @throws RestError -1100 when it is no whole number. */
export function wholeNumber(query: Query, name: string): number | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  if (!WHOLE_NUMBER.test(text)) throw restErrors.illegalCharacters(name, WHOLE_NUMBER.source);
  return Number(text);
}
