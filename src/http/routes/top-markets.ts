/** The markets of the exchange that trade most, once and as a stream. Spec: http-api §3.6, §3.7. */
import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { EXCHANGE } from "../../actors/feed/obstacle.js";
import { UpstreamError } from "../../actors/markets/top-markets.js";
import { nowSeconds, sleep } from "../../clock/clock.js";
import type { TopMarketItem, TopMarketsQuery } from "../../market/top-markets.js";
import type { HttpContext } from "../context.js";
import { HttpError } from "../errors.js";
import { commentText, type EventStreams, eventText } from "../event-streams.js";
import { ForceLimiter } from "../force-limiter.js";
import { sortedJson } from "../sorted-json.js";

/** What a blank `quote_asset` means. */
const DEFAULT_QUOTE_ASSET = "USDT";

const ListQuery = {
  exchange: Type.String({ minLength: 1, default: EXCHANGE, description: "There is one: `binance`." }),
  market: Type.Unsafe<"spot" | "futures">({
    type: "string",
    enum: ["spot", "futures"],
    description: "Which market of the exchange.",
  }),
  quote_asset: Type.String({
    minLength: 1,
    maxLength: 12,
    default: DEFAULT_QUOTE_ASSET,
    description: "What is paid with; in any case.",
  }),
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 20, description: "Markets at most." }),
};

const OnceQuery = Type.Object({
  ...ListQuery,
  force: Type.Boolean({ default: false, description: "Ask the exchange also if an answer is kept." }),
});
type OnceQuery = Static<typeof OnceQuery>;

const StreamQuery = Type.Object({
  ...ListQuery,
  interval_s: Type.Number({ minimum: 0.2, maximum: 30, default: 2, description: "Seconds between two looks." }),
  max_events: Type.Integer({ minimum: 0, maximum: 1000, default: 0, description: "0: without end." }),
});
type StreamQuery = Static<typeof StreamQuery>;

export function topMarketRoutes(app: FastifyInstance, context: HttpContext, streams: EventStreams): void {
  const limiter = new ForceLimiter(context.clock);

  app.get<{ Querystring: OnceQuery }>(
    "/api/market/top_markets",
    { schema: { querystring: OnceQuery } },
    async ({ query, ip }) => {
      const wanted = readQuery(query);
      if (query.force && !limiter.pass(`${ip} ${query.market}`)) throw new HttpError("market.rate_limited");
      return payloadOf(context, wanted, query.force);
    },
  );

  app.get<{ Querystring: StreamQuery }>(
    "/api/market/top_markets/stream",
    { schema: { querystring: StreamQuery } },
    (request, reply) => {
      const wanted = readQuery(request.query);
      return streams.answer(reply, (signal) => events(context, wanted, request.query, signal));
    },
  );
}

/** @throws HttpError `market.unsupported_exchange` */
function readQuery({ exchange, market, quote_asset, limit }: Omit<OnceQuery, "force">): TopMarketsQuery {
  if (exchange.trim() !== EXCHANGE) throw new HttpError("market.unsupported_exchange");
  return { exchange: EXCHANGE, market, quoteAsset: quote_asset.trim().toUpperCase() || DEFAULT_QUOTE_ASSET, limit };
}

/** @throws HttpError `market.upstream_failed` */
async function payloadOf({ topMarkets, clock }: HttpContext, query: TopMarketsQuery, force: boolean) {
  try {
    const { items, cached } = await topMarkets.top(query, force);
    return {
      exchange: query.exchange,
      market: query.market,
      quote_asset: query.quoteAsset,
      limit: query.limit,
      generated_at_ms: Math.round(clock.now()),
      cached,
      items,
    };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    throw new HttpError("market.upstream_failed", `upstream_error:${error.message}`, { cause: error });
  }
}

/** The list whenever it has changed, what went wrong whenever something did, and a sign of life after each look. */
async function* events(
  context: HttpContext,
  query: TopMarketsQuery,
  { interval_s, max_events }: Pick<StreamQuery, "interval_s" | "max_events">,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { clock } = context;
  const last: LastList = { items: undefined, json: undefined };
  let sent = 0;
  while (!signal.aborted) {
    const text = await nextEvent(context, query, last);
    if (text !== undefined) {
      yield text;
      sent += 1;
      if (max_events > 0 && sent >= max_events) return;
    }
    yield commentText(`ping ${nowSeconds(clock)}`);
    await sleep(clock, interval_s * 1000, signal);
  }
}

/** The list as it was last sent; the same object is the same list. */
interface LastList {
  items: readonly TopMarketItem[] | undefined;
  json: string | undefined;
}

async function nextEvent(context: HttpContext, query: TopMarketsQuery, last: LastList): Promise<string | undefined> {
  try {
    const payload = await payloadOf(context, query, false);
    if (payload.items === last.items) return undefined;
    last.items = payload.items;
    const json = sortedJson(payload.items);
    if (json === last.json) return undefined;
    last.json = json;
    return eventText({ id: payload.generated_at_ms, event: "top_markets", data: sortedJson(payload) });
  } catch (error) {
    const message = error instanceof HttpError ? error.detail : String(error);
    const data = sortedJson({ at_ms: Math.round(context.clock.now()), message, type: "error" });
    return eventText({ event: "error", data });
  }
}
