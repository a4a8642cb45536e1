/** Which series can follow a stream at all. Spec: ingest §4.1, §5.1. */
import { parseSeriesId, type SeriesId } from "../../market/series-id.js";
import { errorText } from "../runtime/errors.js";

/** The one exchange whose markets feed series. */
export const EXCHANGE = "binance";

export interface ObstacleOptions {
  /** The market that serves a series, if there is one. */
  readonly exchangeFor: (id: SeriesId) => unknown;
  /** The limit of active series when it is reached and this would be one more. */
  readonly mostSeries: number | undefined;
}

/** Why a series cannot follow a stream, or undefined. */
export function feedObstacle(series: string, { exchangeFor, mostSeries }: ObstacleOptions): string | undefined {
  let id: SeriesId;
  try {
    id = parseSeriesId(series);
  } catch (error) {
    return errorText(error);
  }
  if (id.exchange !== EXCHANGE) return `unsupported exchange for realtime ingest: '${id.exchange}'`;
  if (exchangeFor(id) === undefined) return `unsupported market: '${id.market}'`;
  return mostSeries === undefined ? undefined : `${mostSeries} series are active already`;
}
