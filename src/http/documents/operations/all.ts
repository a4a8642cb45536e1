/** The operation of every route. A new route gets an entry: `test/http/documents` fails until it has one. */
import type { Operations } from "../operation.js";
import { DEVELOPMENT_OPERATIONS } from "./development.js";
import { FACTOR_OPERATIONS } from "./factors.js";
import { FEED_OPERATIONS } from "./feed.js";
import { MARKET_OPERATIONS } from "./market.js";
import { REPLAY_OPERATIONS } from "./replay.js";
import { RUNTIME_OPERATIONS } from "./runtime.js";

export const OPERATIONS: Operations = {
  ...MARKET_OPERATIONS,
  ...FACTOR_OPERATIONS,
  ...REPLAY_OPERATIONS,
  ...FEED_OPERATIONS,
  ...RUNTIME_OPERATIONS,
  ...DEVELOPMENT_OPERATIONS,
};
