/** Env files: `KEY=VALUE` lines that stand in where the real environment says nothing. */
import { ConfigError } from "./config-error.js";
import { readTextFile } from "./text-file.js";

/** Environment variables by name, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;
const QUOTED = /^(?:"([^"]*)"|'([^']*)')\s*(?:#.*)?$/;

/**
 * Reads an env file.
 * @throws ConfigError `env_file_invalid` when the file is missing or unreadable, or a line cannot be understood.
 */
export function readEnvFile(path: string): Env {
  const file = readTextFile(path);
  if (file.status === "read") return parseEnvFile(file.text, path);
  const reason = file.status === "missing" ? "there is no such file" : file.reason;
  throw new ConfigError("env_file_invalid", [`${path}: cannot be read (${reason}); name a readable env file`]);
}

/**
 * Parses the text of an env file: `KEY=VALUE`, blank lines, and comments from `#` at the start of a line or after a blank.
 * A value in single or double quotes is taken literally, `#` and blanks included; there are no escapes and no expansion.
 * @param path only for the errors.
 * @throws ConfigError `env_file_invalid` with every line that cannot be understood.
 */
export function parseEnvFile(text: string, path: string): Env {
  const values = new Map<string, string>();
  const problems: string[] = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return;
    const [, key, rest] = ASSIGNMENT.exec(line) ?? [];
    const value = rest === undefined ? undefined : unquote(rest);
    const where = `${path}:${index + 1}`;
    if (key === undefined) problems.push(`${where}: ${JSON.stringify(line)} is not KEY=VALUE`);
    else if (value === undefined)
      problems.push(`${where}: the quoted value of ${key} does not end where the line does`);
    else if (values.has(key)) problems.push(`${where}: ${key} is set a second time; keep one of the two lines`);
    else values.set(key, value);
  });
  if (problems.length > 0) throw new ConfigError("env_file_invalid", problems);
  return Object.fromEntries(values);
}

/** The value that the right-hand side stands for; undefined when its quotes do not match up. */
function unquote(text: string): string | undefined {
  if (!/^["']/.test(text)) return text.replace(/(^|\s)#.*$/, "").trimEnd();
  const quoted = QUOTED.exec(text);
  return quoted?.[1] ?? quoted?.[2];
}

/** Both together; a variable that the real environment has, even an empty one, always wins. */
export function mergeEnv(file: Env, real: Env): Env {
  const present = Object.entries(real).filter(([, value]) => value !== undefined);
  return { ...file, ...Object.fromEntries(present) };
}
