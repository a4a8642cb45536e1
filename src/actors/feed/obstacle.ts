/** Which series can follow a stream at all. Spec: ingest §4.1, §5.1. */
import { parseSeriesId, type SeriesId } from "../../market/series-id.js";
import { errorText } from "../runtime/errors.js";

/** The one exchange whose markets feed series. */
export const EXCHANGE = "binance";

/**
 * Why a series cannot follow a stream, or undefined.
 * @param exchangeFor the market that serves a series, if there is one.
 */
export function feedObstacle(series: string, exchangeFor: (id: SeriesId) => unknown): string | undefined {
  let id: SeriesId;
  try {
    id = parseSeriesId(series);
  } catch (error) {
    return errorText(error);
  }
  if (id.exchange !== EXCHANGE) return `unsupported exchange for realtime ingest: '${id.exchange}'`;
  return exchangeFor(id) === undefined ? `unsupported market: '${id.market}'` : undefined;
}
