/** The access token that a command sends to a daemon: from a file or the environment, never from the command line, which others see. */
import { readTextFile } from "../config/text-file.js";
import { UsageError } from "./command.js";

/** Lines of a command's help. */
export const TOKEN_HELP = `  --token-file F   file with the access token, where the daemon needs one; default: the variable TRADE_CANVAS_TOKEN`;

/** The longest token that is sent, in characters. */
const MAX_TOKEN_LENGTH = 512;

/**
 * The token of a file, or else of the environment; undefined for none. Blanks around it do not matter.
 * @throws UsageError when there is a file or a variable without a token. It does not tell what is there instead.
 */
export function readDaemonToken(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (file !== undefined) return checked(textOf(file), `--token-file ${file}`);
  const { TRADE_CANVAS_TOKEN: text } = env;
  return text === undefined || text.trim() === "" ? undefined : checked(text, "TRADE_CANVAS_TOKEN");
}

/** The header that carries a token. */
export function tokenHeader(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** What can be done about a refusal of this status, to be put behind what was refused; nothing for most. */
export function tokenRemedy(status: number): string {
  return status === 401 ? "; give an access token by --token-file or TRADE_CANVAS_TOKEN" : "";
}

function textOf(path: string): string {
  const file = readTextFile(path);
  if (file.status === "read") return file.text;
  const reason = file.status === "missing" ? "there is no such file" : file.reason;
  throw new UsageError(`--token-file ${path} cannot be read: ${reason}`);
}

function checked(text: string, where: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= MAX_TOKEN_LENGTH) return token;
  throw new UsageError(`${where} holds no token: it must be one line such as trade-canvas token has printed`);
}
