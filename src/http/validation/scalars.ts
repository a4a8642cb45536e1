/** Reading single values the way existing clients rely on: numbers may be written as strings, nothing is guessed. */
import { type Location, PROBLEMS, type Problem } from "./problem.js";

export type Read<T> = { readonly value: T } | { readonly problem: Problem };

const NUMBER_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const TRUE_WORDS = new Set(["1", "true", "yes", "on", "t", "y"]);
const FALSE_WORDS = new Set(["0", "false", "no", "off", "f", "n"]);

export function readInteger(input: unknown, loc: Location): Read<number> {
  const number = typeof input === "string" ? parseNumber(input) : input;
  if (typeof input === "string" && number === undefined) return { problem: PROBLEMS.integerParsing(loc, input) };
  if (typeof number !== "number") return { problem: PROBLEMS.notAnInteger(loc, input) };
  if (!Number.isFinite(number)) return { problem: PROBLEMS.notFinite(loc, null) };
  if (!Number.isInteger(number)) {
    // A fraction in a text is a text that is no integer; a fraction in a number is a number that is none.
    const problem = typeof input === "string" ? PROBLEMS.integerParsing : PROBLEMS.integerFromFraction;
    return { problem: problem(loc, input) };
  }
  if (!Number.isSafeInteger(number)) return { problem: PROBLEMS.integerTooLarge(loc, input) };
  return { value: number };
}

export function readNumber(input: unknown, loc: Location): Read<number> {
  const number = typeof input === "string" ? parseNumber(input) : input;
  if (typeof input === "string" && number === undefined) return { problem: PROBLEMS.numberParsing(loc, input) };
  if (typeof number !== "number") return { problem: PROBLEMS.notANumber(loc, input) };
  return Number.isFinite(number) ? { value: number } : { problem: PROBLEMS.notFinite(loc, null) };
}

export function readBoolean(input: unknown, loc: Location): Read<boolean> {
  if (typeof input === "boolean") return { value: input };
  if (typeof input !== "string" && typeof input !== "number") return { problem: PROBLEMS.notABoolean(loc, input) };
  const word = String(input).trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return { value: true };
  if (FALSE_WORDS.has(word)) return { value: false };
  return { problem: PROBLEMS.booleanParsing(loc, input) };
}

export function readString(input: unknown, loc: Location): Read<string> {
  return typeof input === "string" ? { value: input } : { problem: PROBLEMS.notAString(loc, input) };
}

function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  return NUMBER_TEXT.test(trimmed) ? Number(trimmed) : undefined;
}
