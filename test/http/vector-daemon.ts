/** A daemon with the settings of the computed examples, and how its answers differ from theirs. */

import { toWireCandle } from "../../src/market/candle.js";
import { type CandleRow, candlesOf } from "../factors/model/vectors.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { BATCH, CLOSED, call, type HttpAnswer, post } from "./request.js";

/** The series of all examples. */
export const SERIES = "binance:futures:BTC/USDT:1m";

export interface VectorDaemon {
  readonly daemon: TestDaemon;
  readonly url: string;
  /** One ingest call per candle. */
  feed(rows: readonly CandleRow[]): Promise<void>;
  /** One call for all of them. */
  feedBatch(rows: readonly CandleRow[]): Promise<void>;
  /** A read of the series. */
  ask(path: string, params?: Readonly<Record<string, number>>): Promise<HttpAnswer>;
}

/** Strict reads, pivot windows of 2 and 1, as the examples were computed. */
export async function startVectorDaemon(env: Readonly<Record<string, string>> = {}): Promise<VectorDaemon> {
  const daemon = await startTestDaemon({
    env: {
      TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "2",
      TRADE_CANVAS_PIVOT_WINDOW_MINOR: "1",
      TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1",
      TRADE_CANVAS_ENABLE_DEV_API: "1",
      ...env,
    },
  });
  const { url } = daemon;
  const send = async (path: string, body: unknown): Promise<void> => {
    const answer = await post(url, path, body);
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}: ${answer.text}`);
  };
  return {
    daemon,
    url,
    feed: async (rows) => {
      for (const candle of candlesOf([...rows]))
        await send(CLOSED, { series_id: SERIES, candle: toWireCandle(candle) });
    },
    feedBatch: async (rows) => send(BATCH, { series_id: SERIES, candles: candlesOf([...rows]).map(toWireCandle) }),
    ask: (path, params = {}) => {
      const query = Object.entries(params).map(([name, value]) => `&${name}=${value}`);
      return call(url, `${path}?series_id=${encodeURIComponent(SERIES)}${query.join("")}`);
    },
  };
}

/**
 * What is different, one text each: `<where>: <theirs> -> <ours>`, `<where> - <only theirs>`, `<where> + <only ours>`, and
 * `<where>: order` when members or items that both have come in another order. Texts in a list go by themselves, versions
 * of instructions by their ids.
 */
export function differences(theirs: unknown, ours: unknown, where = ""): string[] {
  if (!isComposite(theirs) || !isComposite(ours)) {
    return Object.is(theirs, ours) ? [] : [`${where}: ${JSON.stringify(theirs)} -> ${JSON.stringify(ours)}`];
  }
  const [a, b] = [membersOf(theirs), membersOf(ours)];
  const lost = [...a].filter(([key]) => !b.has(key)).map(([key, { label }]) => `${where} - ${label ?? key}`);
  const added = [...b].filter(([key]) => !a.has(key)).map(([key, { label }]) => `${where} + ${label ?? key}`);
  const common = [...a].filter(([key]) => b.has(key));
  const moved = [...b.keys()].filter((key) => a.has(key)).join() === common.map(([key]) => key).join();
  const inside = common.flatMap(([key, { value }]) => {
    return differences(value, b.get(key)?.value, where === "" ? key : `${where}.${key}`);
  });
  return [...lost, ...added, ...(moved ? [] : [`${where}: order`]), ...inside];
}

interface Member {
  readonly value: unknown;
  readonly label?: string;
}

function isComposite(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function membersOf(value: object): ReadonlyMap<string, Member> {
  if (!Array.isArray(value)) return new Map(Object.entries(value).map(([key, member]) => [key, { value: member }]));
  return new Map(value.map((item: unknown, index) => [keyOf(item) ?? String(index), memberOf(item)]));
}

function keyOf(item: unknown): string | undefined {
  if (typeof item === "string") return item;
  return isVersion(item) ? `#${item.version_id}` : undefined;
}

function memberOf(item: unknown): Member {
  return isVersion(item) ? { value: item, label: `#${item.version_id} ${item.instruction_id}` } : { value: item };
}

function isVersion(item: unknown): item is { readonly version_id: number; readonly instruction_id: string } {
  return isComposite(item) && "version_id" in item && "instruction_id" in item;
}
