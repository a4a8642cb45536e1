/** Ways to break the daemon from outside, so that a check has something to find. */
import type { Candle } from "../../src/market/candle.js";
import type { WorldOptions } from "../../src/simulation/world.js";
import type { SeriesCommit, Store } from "../../src/storage/store.js";

/** A store whose commits are changed on their way in. */
export function committing(change: (commit: SeriesCommit) => SeriesCommit): NonNullable<WorldOptions["wrapStore"]> {
  return (store) =>
    new Proxy(store, {
      get: (target, name) => {
        if (name === "commit") return (commit: SeriesCommit) => target.commit(change(commit));
        const member = Reflect.get(target, name) as unknown;
        return typeof member === "function" ? member.bind(target) : member;
      },
    }) as Store;
}

export const withCandles = (commit: SeriesCommit, map: (candle: Candle) => Candle[]): SeriesCommit =>
  commit.upsert === undefined ? commit : { ...commit, upsert: commit.upsert.flatMap(map) };
/** The tenth minute of the run and everything like it: every hour. */
export const isTenth = ({ time }: Candle): boolean => (time / 60) % 60 === 10;

/** A store that loses one candle of every hour. */
export const droppingTenth = committing((commit) => withCandles(commit, (candle) => (isTenth(candle) ? [] : [candle])));
