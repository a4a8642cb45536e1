/** How the client asks each route of the API. */
import type { TradeCanvasClient } from "../../src/client/client.js";

type Client = TradeCanvasClient;

/** Of each route: the name of the client's method, and a call of it. */
export const METHODS: Readonly<
  Record<string, readonly [name: string, ask: (client: Client, values: never) => unknown]>
> = {
  "GET /api/market/candles": ["candles", (client, values) => client.candles(values)],
  "POST /api/market/ingest/candle_closed": ["ingestClosed", (client, values) => client.ingestClosed(values)],
  "POST /api/market/ingest/candle_forming": ["ingestForming", (client, values) => client.ingestForming(values)],
  "GET /api/market/whitelist": ["whitelist", (client) => client.whitelist()],
  "GET /api/market/health": ["marketHealth", (client, values) => client.marketHealth(values)],
  "GET /api/market/top_markets": ["topMarkets", (client, values) => client.topMarkets(values)],
  "GET /api/market/top_markets/stream": [
    "topMarketsStream",
    (client, values) => firstOf(client.topMarketsStream(values)),
  ],
  "GET /api/factor/catalog": ["factorCatalog", (client) => client.factorCatalog()],
  "GET /api/factor/slices": ["factorSlices", (client, values) => client.factorSlices(values)],
  "GET /api/factor/health": ["factorHealth", (client, values) => client.factorHealth(values)],
  "GET /api/draw/delta": ["drawDelta", (client, values) => client.drawDelta(values)],
  "GET /api/frame/live": ["frameLive", (client, values) => client.frameLive(values)],
  "GET /api/frame/at_time": ["frameAtTime", (client, values) => client.frameAtTime(values)],
  "GET /api/delta/poll": ["deltaPoll", (client, values) => client.deltaPoll(values)],
  "GET /api/feed/gaps": ["gaps", (client, values) => client.gaps(values)],
  "GET /api/feed/state": ["feedState", (client, values) => client.feedState(values)],
  "GET /api/feed/breakers": ["breakers", (client) => client.breakers()],
  "GET /api/feed/reconcile": ["reconcile", (client, values) => client.reconcile(values)],
  "GET /api/runtime/tree": ["runtimeTree", (client, values) => client.runtimeTree(values)],
  "GET /api/market/debug/ingest_state": ["ingestState", (client) => client.ingestState()],
  "GET /api/market/debug/metrics": ["metrics", (client) => client.metrics()],
  "GET /api/market/debug/series_health": ["seriesHealth", (client, values) => client.seriesHealth(values)],
  "POST /api/replay/prepare": ["replay.prepare", (client, values) => client.replay.prepare(values)],
  "POST /api/replay/ensure_coverage": ["replay.ensureCoverage", (client, v) => client.replay.ensureCoverage(v)],
  "GET /api/replay/coverage_status": ["replay.coverageStatus", (client, v) => client.replay.coverageStatus(v)],
  "POST /api/replay/build": ["replay.build", (client, values) => client.replay.build(values)],
  "GET /api/replay/status": ["replay.status", (client, values) => client.replay.status(values)],
  "GET /api/replay/window": ["replay.window", (client, values) => client.replay.window(values)],
  "GET /api/replay/overlay_package/read_only": [
    "overlayPackages.readOnly",
    (client, values) => client.overlayPackages.readOnly(values),
  ],
  "POST /api/replay/overlay_package/build": [
    "overlayPackages.build",
    (client, values) => client.overlayPackages.build(values),
  ],
  "GET /api/replay/overlay_package/status": [
    "overlayPackages.status",
    (client, values) => client.overlayPackages.status(values),
  ],
  "GET /api/replay/overlay_package/window": [
    "overlayPackages.window",
    (client, values) => client.overlayPackages.window(values),
  ],
  "POST /api/dev/market/ingest/candles_closed_batch": [
    "dev.ingestBatch",
    (client, values) => client.dev.ingestBatch(values),
  ],
  "POST /api/dev/repair/overlay": ["dev.repairOverlay", (client, values) => client.dev.repairOverlay(values)],
  "POST /api/dev/breakers/isolate": ["dev.isolateBreaker", (client, values) => client.dev.isolateBreaker(values)],
  "POST /api/dev/breakers/reset": ["dev.resetBreaker", (client, values) => client.dev.resetBreaker(values)],
  "POST /api/dev/backfill": ["dev.backfill", (client, values) => client.dev.backfill(values)],
  "GET /api/dev/backfill": ["dev.backfills", (client, values) => client.dev.backfills(values)],
  "POST /api/dev/stop_backfill": ["dev.stopBackfill", (client, values) => client.dev.stopBackfill(values)],
  "POST /api/dev/reconcile": ["dev.reconcile", (client, values) => client.dev.reconcile(values)],
};

async function firstOf<Item>(items: AsyncGenerator<Item>): Promise<Item> {
  for await (const item of items) return item;
  throw new Error("the stream ended before its first event");
}
