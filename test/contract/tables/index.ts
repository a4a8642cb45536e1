/** The contract of every route. A new route gets an entry here: `routes.test.ts` fails until it has one. */
import type { RouteContract } from "../support/contract.js";
import { DERIVED } from "./derived.js";
import { DEV_ROUTES } from "./dev.js";
import { DOCUMENTS } from "./documents.js";
import { MARKET } from "./market.js";
import { OPERATION } from "./operation.js";
import { REPLAY_ROUTES } from "./replay.js";
import { REPLAY_OVERLAY } from "./replay-overlay.js";
import { TOP_MARKETS } from "./top-markets.js";
import { WHOLENESS } from "./wholeness.js";

export const CONTRACTS: readonly RouteContract[] = [
  ...MARKET,
  ...TOP_MARKETS,
  ...DERIVED,
  ...OPERATION,
  ...DEV_ROUTES,
  ...WHOLENESS,
  ...REPLAY_ROUTES,
  ...REPLAY_OVERLAY,
  ...DOCUMENTS,
];

/** What a gate asks about; names without prefix. A gate that is open by default is closed in tests of closed gates. */
export const GATE_SETTINGS: readonly string[] = [
  ...new Set(CONTRACTS.flatMap(({ gate }) => (gate === "open" ? [] : gate.opens.flat()))),
].sort();
