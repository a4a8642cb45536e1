/** Things that are done to a market once, as opposed to faults that last. Spec: binance-protocol §6, F10, F11, F13, F20, F28. */
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

const CONNECTIONS = Type.Optional(Type.Array(Type.Integer()));

const MANNER = Type.Union([
  Type.Object({ by: Type.Literal("reset") }, { additionalProperties: false }),
  Type.Object({ by: Type.Literal("fin") }, { additionalProperties: false }),
  Type.Object(
    {
      by: Type.Literal("close"),
      /** 1000 to 1014 and 3000 to 4999, less the codes that no frame may carry. */
      code: Type.Integer({ minimum: 1000, maximum: 4999 }),
      reason: Type.Optional(Type.String({ maxLength: 120 })),
    },
    { additionalProperties: false },
  ),
]);

/** Longest frame that can be injected, in characters. */
const FRAME_MAX_LENGTH = 1_048_576;

export const STRIKE_SCHEMAS = {
  /** Ends connections: by TCP reset, without a close frame, or with one. */
  cut: Type.Object(
    { kind: Type.Literal("cut"), connections: CONNECTIONS, manner: MANNER },
    { additionalProperties: false },
  ),
  /** Sends a frame as given: text, or bytes in base64. */
  frame: Type.Object(
    {
      kind: Type.Literal("frame"),
      connections: CONNECTIONS,
      data: Type.String({ maxLength: FRAME_MAX_LENGTH }),
      encoding: Type.Union([Type.Literal("text"), Type.Literal("base64")]),
    },
    { additionalProperties: false },
  ),
  /** Announces the end of connections, and ends them `leadMs` later. */
  "server-shutdown": Type.Object(
    {
      kind: Type.Literal("server-shutdown"),
      connections: CONNECTIONS,
      leadMs: Type.Number({ minimum: 0 }),
      manner: MANNER,
    },
    { additionalProperties: false },
  ),
  /** Others behind the same address use up weight of the current minute. */
  "spend-weight": Type.Object(
    { kind: Type.Literal("spend-weight"), weight: Type.Integer({ minimum: 0 }) },
    { additionalProperties: false },
  ),
} as const;

/** `connections` are connection numbers; left out: all that are open. */
export type Strike = {
  [K in keyof typeof STRIKE_SCHEMAS]: Static<(typeof STRIKE_SCHEMAS)[K]>;
}[keyof typeof STRIKE_SCHEMAS];

/** Something that is no strike. The message names the value and the remedy. */
export class StrikeError extends Error {
  override readonly name = "StrikeError";
}

/** Close codes that RFC 6455 lets no frame carry. */
const RESERVED_CODES = [1004, 1005, 1006, 1015];

/**
 * Reads a strike that came from outside.
 * @throws StrikeError
 */
export function parseStrike(value: unknown): Strike {
  const kind = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
  if (typeof kind !== "string" || !Object.hasOwn(STRIKE_SCHEMAS, kind)) {
    throw new StrikeError(
      `strike kind ${JSON.stringify(kind)} is unknown; use one of ${Object.keys(STRIKE_SCHEMAS).join(", ")}`,
    );
  }
  const [problem] = Value.Errors(STRIKE_SCHEMAS[kind as Strike["kind"]], value);
  if (problem !== undefined) {
    throw new StrikeError(`strike '${kind}': ${problem.instancePath || "the strike"} ${problem.message}`);
  }
  const strike = value as Strike;
  if ("manner" in strike && strike.manner.by === "close" && !isSendableCode(strike.manner.code)) {
    throw new StrikeError(`close code ${strike.manner.code} cannot be sent; use 1000 to 1014 or 3000 to 4999`);
  }
  return strike;
}

function isSendableCode(code: number): boolean {
  return (code <= 1014 || code >= 3000) && !RESERVED_CODES.includes(code);
}
