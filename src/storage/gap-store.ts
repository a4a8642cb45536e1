/** The records of gaps of all series inside the environment: reads, and changes inside a transaction. */
import { type Gap, isOpenGap } from "../market/gap.js";
import { decodeCheckedJson, encodeCheckedJson } from "./checked-json.js";
import { gapKey, gapKeyId } from "./keys.js";
import type { OrderedDatabase, StoreDatabases } from "./ordered-database.js";

/** Records of one series at most; of more the oldest that are not being repaired are dropped. */
export const MAX_GAPS_PER_SERIES = 2_000;

/** Larger than any number of a gap. */
const ID_LIMIT = 2 ** 32 - 1;

export interface GapQuery {
  /** Only gaps detected after this, in Unix milliseconds; then the oldest `limit` of them, otherwise the newest. */
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

/** Gaps ascending by number, and the numbers of those whose records are not what was written. */
export interface GapPage {
  readonly gaps: readonly Gap[];
  readonly damaged: readonly number[];
}

export const NO_GAPS: GapPage = { gaps: [], damaged: [] };

interface Entry {
  readonly id: number;
  /** Undefined: it is damaged. */
  readonly gap: Gap | undefined;
}

export class GapStore {
  readonly #env: StoreDatabases;

  constructor(env: StoreDatabases) {
    this.#env = env;
  }

  read(series: number, { sinceMs, limit }: GapQuery): GapPage {
    const newestFirst: Entry[] = [];
    for (const entry of this.#entries(series, "newest_first")) {
      if (sinceMs === undefined && newestFirst.length >= limit) break;
      if (sinceMs !== undefined && entry.gap !== undefined && entry.gap.detectedAtMs <= sinceMs) break;
      newestFirst.push(entry);
    }
    const ascending = newestFirst.reverse();
    return pageOf(sinceMs === undefined ? ascending : ascending.slice(0, limit));
  }

  unfilled(series: number): GapPage {
    const page = pageOf([...this.#entries(series, "oldest_first")]);
    const isUnfilled = (gap: Gap): boolean => isOpenGap(gap) || gap.state === "absent_at_source";
    return { ...page, gaps: page.gaps.filter(isUnfilled) };
  }

  put(series: number, gaps: readonly Gap[]): void {
    const database = this.#env.gaps;
    if (database === undefined) return;
    for (const gap of gaps) database.putSync(gapKey(series, gap.id), encodeCheckedJson(gap));
    const newest = gaps.at(-1);
    if (newest !== undefined) this.#dropOldest(database, series, newest.id);
  }

  #dropOldest(database: OrderedDatabase, series: number, exceptId: number): void {
    let tooMany = [...database.getKeys(bounds(series))].length - MAX_GAPS_PER_SERIES;
    if (tooMany <= 0) return;
    const entries = [...this.#entries(series, "oldest_first")].filter(({ id }) => id !== exceptId);
    const isOpen = ({ gap }: Entry): boolean => gap !== undefined && isOpenGap(gap);
    for (const { id } of [...entries.filter((entry) => !isOpen(entry)), ...entries.filter(isOpen)]) {
      if (tooMany <= 0) return;
      database.removeSync(gapKey(series, id));
      tooMany -= 1;
    }
  }

  *#entries(series: number, order: "oldest_first" | "newest_first"): Generator<Entry> {
    const { start, end } = bounds(series);
    const range = order === "oldest_first" ? { start, end } : { start: end, end: start, reverse: true };
    for (const { key, value } of this.#env.gaps?.getRange(range) ?? []) {
      yield { id: gapKeyId(key), gap: decodeCheckedJson(value) as Gap | undefined };
    }
  }
}

/** Of all possible keys of a series; the ends themselves are none. */
function bounds(series: number) {
  return { start: gapKey(series, 0), end: gapKey(series, ID_LIMIT) };
}

function pageOf(entries: readonly Entry[]): GapPage {
  return {
    gaps: entries.flatMap(({ gap }) => gap ?? []),
    damaged: entries.filter(({ gap }) => gap === undefined).map(({ id }) => id),
  };
}
