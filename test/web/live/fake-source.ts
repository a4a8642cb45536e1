/** A daemon as a page sees it: what is asked, and what the test answers. */
import type { DrawDeltaAnswer, DrawDeltaQuery } from "../../../src/client/answers/drawing.js";
import type { WireGap } from "../../../src/client/answers/feed.js";
import type { CandlesQuery, WireCandle } from "../../../src/client/answers/market.js";
import type { FollowHandlers, FollowOptions } from "../../../src/client/subscription.js";
import type { SeriesSource } from "../../../web/src/live/series-reads.js";

export class FakeSource implements SeriesSource {
  /** What is stored. */
  stored: readonly WireCandle[] = [];
  ledger: readonly WireGap[] = [];
  /** The candle up to which there is a drawing; null: up to the newest. */
  drawnTo: number | null = null;
  version = 0;
  /** How often candles were asked for. */
  reads = 0;
  /** Instead of an answer. */
  failure: Error | undefined;
  readonly draws: DrawDeltaQuery[] = [];
  readonly follows: { readonly options: FollowOptions; readonly handlers: FollowHandlers; ended: boolean }[] = [];

  get feed(): FollowHandlers {
    const last = this.follows.at(-1);
    if (last === undefined) throw new Error("nothing is followed");
    return last.handlers;
  }

  async candles({ since, limit = 500, series_id }: CandlesQuery) {
    this.#answer();
    this.reads++;
    const candles =
      since === undefined
        ? this.stored.slice(-limit)
        : this.stored.filter(({ candle_time }) => candle_time > since).slice(0, limit);
    return { series_id, server_head_time: this.stored.at(-1)?.candle_time ?? null, candles };
  }

  async drawDelta(query: DrawDeltaQuery): Promise<DrawDeltaAnswer> {
    this.#answer();
    this.draws.push(query);
    const time = this.drawnTo ?? this.stored.at(-1)?.candle_time ?? null;
    return {
      ...{ schema_version: 1, series_id: query.series_id, to_candle_id: null, to_candle_time: time, active_ids: [] },
      ...{ instruction_catalog_patch: [], series_points: {} },
      next_cursor: { version_id: this.version, point_time: null },
    };
  }

  async gaps({ series_id }: { series_id: string }) {
    this.#answer();
    return { schema_version: 1 as const, series_id, gaps: this.ledger };
  }

  follow(_series: string, options: FollowOptions, handlers: FollowHandlers) {
    const followed = { options, handlers, ended: false };
    this.follows.push(followed);
    return {
      cursor: null,
      repeats: 0,
      end: () => {
        followed.ended = true;
      },
    };
  }

  #answer(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
