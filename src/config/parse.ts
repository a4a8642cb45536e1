/** What the text of an environment variable means. Pure. Spec: flags §1. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { parseClockScale } from "../clock/system-clock.js";
import type { Setting, SettingValue, UrlSetting } from "./setting.js";

/**
 * - `misread`: not what the setting takes; `instead` counts, or the default where there is none.
 * - `refused`: there is no sane fallback; the process must not start.
 */
export type Reading =
  | { readonly status: "read"; readonly value: SettingValue }
  | { readonly status: "misread"; readonly expected: string; readonly instead?: SettingValue }
  | { readonly status: "refused"; readonly problem: string };

const PORT_MAX = 65_535;
const TRUE_WORDS = ["1", "true", "yes", "on"];
const FALSE_WORDS = ["0", "false", "no", "off"];
const INT = /^[+-]?\d+$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;
const NOT_WHOLE: Reading = { status: "misread", expected: `a whole number up to ${Number.MAX_SAFE_INTEGER}` };
const BLANK: Reading = { status: "misread", expected: "blank" };

/**
 * Reads the text of a variable that is set. Minimum values are not applied here.
 * @param root absolute folder that relative paths resolve against.
 */
export function parseSetting(setting: Setting, text: string, root: string): Reading {
  const trimmed = text.trim();
  if (setting.kind === "bool") return parseBool(trimmed);
  if (setting.kind === "string") return trimmed === "" && setting.blank === "default" ? BLANK : read(trimmed);
  if (trimmed === "") return BLANK;
  switch (setting.kind) {
    case "int":
      return parseWhole(trimmed);
    case "float":
      return parseDecimal(trimmed);
    case "optional-int":
      return parseOptionalCount(trimmed);
    case "csv":
      return read(parseCsv(trimmed));
    case "path":
    case "optional-path":
      return read(resolve(root, trimmed));
    case "url":
      return parseUrl(setting, trimmed);
    case "choice":
      return parseChoice(setting.choices, trimmed);
    case "host":
      return parseHost(setting.env, trimmed);
    case "port":
      return parsePort(setting.env, trimmed);
    case "clock":
      return parseClock(trimmed);
  }
}

function read(value: SettingValue): Reading {
  return { status: "read", value };
}

function parseBool(text: string): Reading {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return read(true);
  if (FALSE_WORDS.includes(word)) return read(false);
  return { status: "misread", expected: `one of ${[...TRUE_WORDS, ...FALSE_WORDS].join(", ")}`, instead: false };
}

function parseWhole(text: string): Reading {
  const value = Number(text);
  return INT.test(text) && Number.isSafeInteger(value) ? read(value) : NOT_WHOLE;
}

function parseDecimal(text: string): Reading {
  const value = Number(text);
  return FLOAT.test(text) && Number.isFinite(value) ? read(value) : { status: "misread", expected: "a number" };
}

function parseOptionalCount(text: string): Reading {
  const reading = parseWhole(text);
  return reading.status === "read" && Number(reading.value) <= 0 ? read(undefined) : reading;
}

function parseCsv(text: string): readonly string[] {
  const parts = text.split(",").map((part) => part.trim());
  return [...new Set(parts)].filter((part) => part !== "");
}

function parseChoice(choices: readonly string[], text: string): Reading {
  const word = text.toLowerCase();
  return choices.includes(word) ? read(word) : { status: "misread", expected: `one of ${choices.join(", ")}` };
}

function parseUrl(setting: UrlSetting, text: string): Reading {
  const base = text.replace(/\/+$/, "");
  const scheme = /^([a-z]+):\/\//i.exec(base)?.[1]?.toLowerCase();
  const fits = setting.schemes.some((allowed) => allowed === scheme) && URL.canParse(base) && !/[?#\s]/.test(base);
  if (fits) return read(base);
  const forms = setting.schemes.map((allowed) => `${allowed}://`).join(" or ");
  const remedy = `Give a URL that begins with ${forms} and has no query, for example ${setting.default}`;
  return { status: "refused", problem: `${setting.env}=${JSON.stringify(text)} is no base URL. ${remedy}` };
}

function parseHost(env: string, text: string): Reading {
  if (isIP(text) !== 0 || HOST_NAME.test(text)) return read(text);
  const remedy = "Give an IP address without a port, such as 127.0.0.1 or ::1, or a name";
  return { status: "refused", problem: `${env}=${JSON.stringify(text)} is no address to listen on. ${remedy}` };
}

function parsePort(env: string, text: string): Reading {
  if (!INT.test(text)) return NOT_WHOLE;
  const port = Number(text);
  if (port >= 0 && port <= PORT_MAX) return read(port);
  const remedy = `Give a port from 0 to ${PORT_MAX}; 0 lets the system choose a free one`;
  return { status: "refused", problem: `${env}=${JSON.stringify(text)} is no port. ${remedy}` };
}

function parseClock(text: string): Reading {
  try {
    return read(parseClockScale(text));
  } catch (error) {
    return { status: "refused", problem: (error as Error).message };
  }
}
