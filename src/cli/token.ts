/** `trade-canvas token`: makes an access token. It is shown once; what the daemon is given is its digest. */
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { type AccessToken, SCOPES, type Scope, TOKEN_NAME } from "../config/access-tokens.js";
import { commandWith, UsageError } from "./command.js";

const HELP = `usage: trade-canvas token NAME [--scope SCOPE]...

Makes an access token and prints the entry for the file that TRADE_CANVAS_ACCESS_TOKENS_PATH names, and the token itself:
once, as only its digest is kept. The file is {"tokens": [ENTRY, ...]}, and is read when the daemon starts.

  NAME             who is to hold the token: 1 to 64 letters, digits, dots, dashes or underscores
  --scope SCOPE    what it is good for, may be given several times: ${SCOPES.join(", ")}; default: read

The entry goes to stdout as one line, everything else to stderr, the token on a line of its own.`;

/** What tokens begin with, so that one that lies about is known for what it is. */
const PREFIX = "tc_";

/** Of a token, so that none can be found by trying. */
const TOKEN_BYTES = 32;

interface Plan {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface MadeToken {
  /** The secret: 46 characters of letters, digits, dashes and underscores. */
  readonly token: string;
  readonly entry: AccessToken;
}

export const tokenCommand = commandWith(
  { name: "token", summary: "make an access token for a daemon", help: HELP },
  readPlan,
  async (plan, io) => {
    const { token, entry } = makeToken(plan, randomBytes(TOKEN_BYTES));
    io.err("entry for the file that TRADE_CANVAS_ACCESS_TOKENS_PATH names:");
    io.out(JSON.stringify(entry));
    io.err("the token, shown only now; whoever has it may use the daemon:");
    io.err(token);
    return 0;
  },
);

/** @param secret random bytes, {@link TOKEN_BYTES} of them. */
export function makeToken({ name, scopes }: Plan, secret: Buffer): MadeToken {
  const token = PREFIX + secret.toString("base64url");
  return { token, entry: { name, sha256: createHash("sha256").update(token, "utf8").digest("hex"), scopes } };
}

/** @throws UsageError */
function readPlan(args: string[]): Plan {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { scope: { type: "string", multiple: true, default: ["read"] } },
  });
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError("no name is given: say who is to hold the token");
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one name too many: make one token at a time`);
  if (!TOKEN_NAME.test(name)) {
    throw new UsageError(`'${name}' is no name: give 1 to 64 letters, digits, dots, dashes or underscores`);
  }
  for (const scope of values.scope) {
    if (!isScope(scope)) throw new UsageError(`--scope ${scope} is none of ${SCOPES.join(", ")}`);
  }
  return { name, scopes: [...new Set(values.scope)].filter(isScope) };
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
