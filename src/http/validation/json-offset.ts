/**
 * Where a text stops being JSON. The machine's parser says it in some of its messages only, and clients are told of every
 * error where it is. Runs on texts that were refused, in one pass, however long or deeply nested they are.
 */

/** What may come next, besides white space. */
type Expected = "value" | "value_or_end" | "key" | "key_or_end" | "colon" | "comma_or_end" | "nothing";

/** How far a token goes; `failed`: the character at `at` cannot continue it. */
interface Scanned {
  readonly at: number;
  readonly failed: boolean;
}

const SPACE = " \t\n\r";
const ESCAPED = '"\\/bfnrt';
const HEX = "0123456789abcdefABCDEF";
const WORDS: Readonly<Record<string, string>> = { t: "true", f: "false", n: "null" };

/** The offset of the first character that no JSON text could have there; the length of a text that ends too early. */
export function jsonErrorOffset(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = skip(text, 0, SPACE);
  while (at < text.length) {
    const char = text[at] as string;
    if (mayClose(char, expected, open.at(-1))) {
      open.pop();
      expected = afterValue(open);
      at += 1;
    } else if (char === "," && expected === "comma_or_end") {
      expected = open.at(-1) === "{" ? "key" : "value";
      at += 1;
    } else if (char === ":" && expected === "colon") {
      expected = "value";
      at += 1;
    } else if ((char === "{" || char === "[") && isValueExpected(expected)) {
      open.push(char);
      expected = char === "{" ? "key_or_end" : "value_or_end";
      at += 1;
    } else {
      const isKey: boolean = expected === "key" || expected === "key_or_end";
      if (!isKey && !isValueExpected(expected)) return at;
      const token = isKey ? scanKey(text, at) : scanScalar(text, at);
      if (token.failed) return token.at;
      expected = isKey ? "colon" : afterValue(open);
      at = token.at;
    }
    at = skip(text, at, SPACE);
  }
  return text.length;
}

function isValueExpected(expected: Expected): boolean {
  return expected === "value" || expected === "value_or_end";
}

function mayClose(char: string, expected: Expected, innermost: "{" | "[" | undefined): boolean {
  if (char === "}") return innermost === "{" && (expected === "comma_or_end" || expected === "key_or_end");
  if (char !== "]") return false;
  return innermost === "[" && (expected === "comma_or_end" || expected === "value_or_end");
}

function afterValue(open: readonly unknown[]): Expected {
  return open.length === 0 ? "nothing" : "comma_or_end";
}

function scanKey(text: string, at: number): Scanned {
  return text[at] === '"' ? scanString(text, at) : { at, failed: true };
}

function scanScalar(text: string, at: number): Scanned {
  const char = text[at] as string;
  if (char === '"') return scanString(text, at);
  const word = WORDS[char];
  if (word !== undefined) return scanWord(text, at, word);
  return scanNumber(text, at);
}

function scanWord(text: string, start: number, word: string): Scanned {
  let length = 1;
  while (length < word.length && text[start + length] === word[length]) length += 1;
  return { at: start + length, failed: length < word.length };
}

function scanString(text: string, start: number): Scanned {
  let at = start + 1;
  for (; at < text.length && text[at] !== '"'; at += 1) {
    const char = text[at] as string;
    if (char < " ") return { at, failed: true };
    if (char !== "\\") continue;
    at += 1;
    const escaped = text[at];
    if (escaped === "u") {
      const end = skip(text, at + 1, HEX, 4);
      if (end < at + 5) return { at: end, failed: true };
      at = end - 1;
    } else if (escaped === undefined || !ESCAPED.includes(escaped)) {
      return { at, failed: true };
    }
  }
  return at < text.length ? { at: at + 1, failed: false } : { at: text.length, failed: true };
}

const DIGITS = "0123456789";

function scanNumber(text: string, start: number): Scanned {
  let at = text[start] === "-" ? start + 1 : start;
  const whole = text[at] === "0" ? at + 1 : skip(text, at, DIGITS);
  if (whole === at) return { at, failed: true };
  at = whole;
  if (text[at] === ".") {
    const fraction = skip(text, at + 1, DIGITS);
    if (fraction === at + 1) return { at: fraction, failed: true };
    at = fraction;
  }
  if (text[at] === "e" || text[at] === "E") {
    const sign = text[at + 1] === "+" || text[at + 1] === "-" ? 2 : 1;
    const exponent = skip(text, at + sign, DIGITS);
    if (exponent === at + sign) return { at: exponent, failed: true };
    at = exponent;
  }
  return { at, failed: false };
}

/** The first position from `at` on that holds none of `characters`, at most `limit` further on. */
function skip(text: string, at: number, characters: string, limit = Number.POSITIVE_INFINITY): number {
  let end = at;
  while (end < text.length && end - at < limit && characters.includes(text[end] as string)) end += 1;
  return end;
}
