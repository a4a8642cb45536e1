/** The contract of every route. A new route gets an entry here: `routes.test.ts` fails until it has one. */
import type { RouteContract } from "../support/contract.js";
import { DERIVED } from "./derived.js";
import { DEV_ROUTES } from "./dev.js";
import { MARKET } from "./market.js";
import { OPERATION } from "./operation.js";
import { TOP_MARKETS } from "./top-markets.js";
import { WHOLENESS } from "./wholeness.js";

export const CONTRACTS: readonly RouteContract[] = [
  ...MARKET,
  ...TOP_MARKETS,
  ...DERIVED,
  ...OPERATION,
  ...DEV_ROUTES,
  ...WHOLENESS,
];

/** What a gate asks about; names without prefix. A gate that is open by default is closed in tests of closed gates. */
export const GATE_SETTINGS: readonly string[] = [
  ...new Set(CONTRACTS.flatMap(({ gate }) => (gate === "open" ? [] : gate.opens.flat()))),
].sort();

/** Routes that are known to be without a table still. */
export const WITHOUT_TABLE: readonly string[] = [
  "POST /api/replay/prepare",
  "POST /api/replay/build",
  "GET /api/replay/status",
  "GET /api/replay/window",
  "POST /api/replay/ensure_coverage",
  "GET /api/replay/coverage_status",
  "GET /api/replay/overlay_package/read_only",
  "POST /api/replay/overlay_package/build",
  "GET /api/replay/overlay_package/status",
  "GET /api/replay/overlay_package/window",
];
