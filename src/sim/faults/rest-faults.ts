/** Faults of REST. Spec: binance-protocol §6, F26 to F31. */
import { Type } from "typebox";
import { defineFault, type RestCall } from "./definition.js";

/** Restricts a fault to some routes, by the whole path; left out: all. */
const PATHS = Type.Optional(Type.Array(Type.String()));

function onPath(paths: readonly string[] | undefined, call: RestCall): boolean {
  return paths === undefined || paths.includes(call.path);
}

/** F26, F27, F29: the exchange refuses in its own words. */
export const restRefusal = defineFault(
  "rest-refusal",
  "REST answers an error status with the exchange's own body (429, 418, 403, 451, 5xx, ...)",
  {
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    retryAfterS: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Named in the text of a 418; left out: the text names no time. */
    bannedUntilMs: Type.Optional(Type.Integer()),
    paths: PATHS,
  },
  ({ status, retryAfterS, bannedUntilMs, paths }) => ({
    rest: (call) =>
      onPath(paths, call)
        ? {
            effect: "refuse",
            status,
            ...(retryAfterS === undefined ? {} : { retryAfterS }),
            ...(bannedUntilMs === undefined ? {} : { bannedUntilMs }),
          }
        : undefined,
  }),
);

/** F29: answers that no parser should take for data. */
export const restGarbage = defineFault(
  "rest-garbage",
  "REST answers with an HTML page, nothing, half of the JSON, another shape, or the wrong content type",
  {
    shape: Type.Union([
      Type.Literal("html"),
      Type.Literal("empty"),
      Type.Literal("truncated"),
      Type.Literal("other-shape"),
      Type.Literal("wrong-content-type"),
    ]),
    paths: PATHS,
  },
  ({ shape, paths }) => ({
    rest: (call) => {
      if (!onPath(paths, call)) return undefined;
      if (shape === "truncated") return { effect: "truncate" };
      if (shape === "wrong-content-type") return { effect: "mislabel", contentType: "text/plain" };
      return { effect: "answer", ...GARBAGE[shape] };
    },
  }),
);

const GARBAGE = {
  html: { status: 200, contentType: "text/html", body: "<html><body><h1>504 Gateway Time-out</h1></body></html>" },
  empty: { status: 200, contentType: "application/json", body: "" },
  "other-shape": { status: 200, contentType: "application/json", body: '{"status":"ok"}' },
} as const;

/** F29: no answer, or a slow one. */
export const restSlow = defineFault(
  "rest-slow",
  "REST answers late, or never when no delayMs is given",
  { delayMs: Type.Optional(Type.Number({ minimum: 0 })), paths: PATHS },
  ({ delayMs, paths }) => ({
    rest: (call) => {
      if (!onPath(paths, call)) return undefined;
      return delayMs === undefined ? { effect: "hang" } : { effect: "delay", delayMs };
    },
  }),
);

/** F28: others behind the same address use weight. */
export const foreignWeight = defineFault(
  "foreign-weight",
  "others behind the same address use this much weight in every minute",
  { weight: Type.Integer({ minimum: 0 }) },
  ({ weight }) => ({ foreignWeight: () => weight }),
);

/** F31: REST lags the close. */
export const restLag = defineFault(
  "rest-lag",
  "REST shows the world of lagMs ago: a just closed candle is absent, or unsettled",
  {
    lagMs: Type.Number({ minimum: 0 }),
    shows: Type.Union([Type.Literal("nothing"), Type.Literal("unsettled")]),
  },
  ({ lagMs, shows }) => ({ lag: () => ({ lagMs, shows }) }),
);
