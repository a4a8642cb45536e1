/** Faults of sockets. Spec: binance-protocol §6, F16 to F19, F21. */
import { Type } from "typebox";
import { defineFault } from "./definition.js";

/** F14, F18: every attempt is answered with an HTTP status instead of an upgrade. */
export const refuseConnections = defineFault(
  "refuse-connections",
  "WebSocket handshakes are answered with an HTTP status (503, 429, 403, 451, ...)",
  {
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    retryAfterS: Type.Optional(Type.Integer({ minimum: 0 })),
    body: Type.Optional(Type.String()),
  },
  ({ status, retryAfterS, body }) => ({
    handshake: () => ({
      effect: "refuse",
      status,
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
      ...(body === undefined ? {} : { body }),
    }),
  }),
);

/** F19: the connection is torn during the handshake, or never answered. */
export const breakHandshakes = defineFault(
  "break-handshakes",
  "WebSocket handshakes are reset, or never answered",
  { manner: Type.Union([Type.Literal("reset"), Type.Literal("hang")]) },
  ({ manner }) => ({ handshake: () => ({ effect: manner }) }),
);

export const slowHandshakes = defineFault(
  "slow-handshakes",
  "WebSocket handshakes are answered late",
  { delayMs: Type.Number({ minimum: 0 }) },
  ({ delayMs }) => ({ handshake: () => ({ effect: "delay", delayMs }) }),
);

/** F17: data flow on, but the server's pings stop. */
export const noPings = defineFault("no-pings", "the server sends no ping frames", {}, () => ({
  ping: () => "withhold",
}));

/** F21: an error frame on a healthy socket. */
export const refuseControl = defineFault(
  "refuse-control",
  "control messages are answered with an error and not obeyed",
  {
    methods: Type.Optional(Type.Array(Type.String())),
    code: Type.Integer(),
    message: Type.String(),
  },
  ({ methods, code, message }) => ({
    control: (method) => (methods === undefined || methods.includes(method) ? { code, message } : undefined),
  }),
);
