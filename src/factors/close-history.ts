/**
 * The closes of all candles that are still needed, as the lowest and highest per block. The closes of a full block are
 * fetched again when a limit lies between the two.
 */
import { BlockCloses, BlockPool } from "./block-closes.js";
import { PackedColumns } from "./packed-columns.js";

/** Candles per block. The blocks of a ledger's records have the same length, so that both begin at the same candles. */
export const BLOCK_CANDLES = 256;

/** Times (seconds) and closes of consecutive candles. */
export interface CloseColumns {
  readonly times: Float64Array;
  readonly closes: Float64Array;
}

/** Fetches `count` consecutive candles of the fold, the first of which has the time `firstTime` (seconds). */
export type CloseSource = (firstTime: number, count: number) => CloseColumns;

/** Full blocks as they are saved: number of the first, and per block its first time, lowest and highest close. */
export interface SavedCloses {
  readonly firstBlock: number;
  readonly blocks: readonly (readonly [firstTime: number, low: number, high: number])[];
}

/** What a number of searches have come upon. */
export interface SearchTrail {
  /** The highest close that was found not to be above a limit, or a little more, but never above the limit. */
  highest: number;
  /** The lowest close that was found not to be below a limit, or a little less. */
  lowest: number;
  /** The close that was found last, and its time in seconds. */
  close: number;
  time: number;
}

/** Of blocks in a row: the time of the first candle, the lowest and the highest close. */
interface BlockRanges {
  readonly firstTimes: number[];
  readonly lows: number[];
  readonly highs: number[];
}

export class CloseHistory {
  readonly #full: BlockCloses;
  /** Of the full blocks from number `#firstBlock` on. */
  #held: BlockRanges | PackedColumns = { firstTimes: [], lows: [], highs: [] };
  #firstBlock = 0;
  /** Whether they were needed since the last release: then they will be needed again soon. */
  #isAtWork = false;
  readonly #source: CloseSource;
  /** The newest block, which is not full: how many closes it has, and how many of them, its first, are not at hand. */
  #openCount = 0;
  #openMissing = 0;
  #open: CloseColumns | undefined;
  #openTime = 0;
  #openLow = Number.POSITIVE_INFINITY;
  #openHigh = Number.NEGATIVE_INFINITY;

  /** @param pool where fetched blocks are kept; folds may share one. */
  constructor(source: CloseSource, pool = new BlockPool()) {
    this.#source = source;
    this.#full = new BlockCloses(source, BLOCK_CANDLES, pool);
  }

  /** At the start of a block. */
  static restore(source: CloseSource, { firstBlock, blocks }: SavedCloses, pool = new BlockPool()): CloseHistory {
    const history = new CloseHistory(source, pool);
    history.#firstBlock = firstBlock;
    history.#held = {
      firstTimes: blocks.map(([firstTime]) => firstTime),
      lows: blocks.map(([, low]) => low),
      highs: blocks.map(([, , high]) => high),
    };
    return history;
  }

  /** @param index position of the candle in the fold. @param time of the candle, in seconds. */
  push(index: number, time: number, close: number): void {
    const offset = index % BLOCK_CANDLES;
    this.#open ??= openColumns();
    this.#open.times[offset] = time;
    this.#open.closes[offset] = close;
    this.#openCount = offset + 1;
    if (offset === 0) this.#openTime = time;
    if (close < this.#openLow) this.#openLow = close;
    if (close > this.#openHigh) this.#openHigh = close;
    if (offset === BLOCK_CANDLES - 1) this.#closeBlock();
  }

  /** Closes from this index on are still needed; nothing older will be asked for. */
  keepFrom(index: number): void {
    const ranges = this.#ranges;
    const drop = Math.min(blockOf(index) - this.#firstBlock, ranges.firstTimes.length);
    if (drop <= 0) return;
    for (const column of Object.values(ranges)) column.splice(0, drop);
    this.#firstBlock += drop;
    this.#full.dropBefore(this.#firstBlock);
  }

  /** Everything up to now is stored: closes can be fetched from now on. */
  release(): void {
    this.#full.release();
    this.#openMissing = this.#openCount;
    this.#open = undefined;
    if (!this.#isAtWork && !(this.#held instanceof PackedColumns)) {
      this.#held = new PackedColumns([this.#held.firstTimes, this.#held.lows, this.#held.highs]);
    }
    this.#isAtWork = false;
  }

  /** First index in [from, to) whose close is above `limit`; -1 when there is none. */
  firstAbove(from: number, to: number, limit: number, trail: SearchTrail): number {
    return this.#search(from, to, limit, 1, trail);
  }

  /** First index in [from, to) whose close is below `limit`; -1 when there is none. */
  firstBelow(from: number, to: number, limit: number, trail: SearchTrail): number {
    return this.#search(from, to, limit, -1, trail);
  }

  /** The highest close of the full blocks that lie in [from, to); minus infinity when there are none. */
  highestBlock(from: number, to: number): number {
    const { highs } = this.#ranges;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = this.#firstWithin(from); at < this.#endWithin(to); at += 1) {
      highest = Math.max(highest, highs[at] as number);
    }
    return highest;
  }

  /** The lowest close of the full blocks that lie in [from, to); infinity when there are none. */
  lowestBlock(from: number, to: number): number {
    const { lows } = this.#ranges;
    let lowest = Number.POSITIVE_INFINITY;
    for (let at = this.#firstWithin(from); at < this.#endWithin(to); at += 1) {
      lowest = Math.min(lowest, lows[at] as number);
    }
    return lowest;
  }

  /** What must be saved to {@link restore} this history at the start of a block. */
  save(): SavedCloses {
    const { firstTimes, lows, highs } = this.#ranges;
    const blocks = firstTimes.map((firstTime, at) => [firstTime, lows[at] as number, highs[at] as number] as const);
    return { firstBlock: this.#firstBlock, blocks };
  }

  /** Looks for a close above. For one below, `sign` turns all prices over. */
  #search(from: number, to: number, limit: number, sign: 1 | -1, trail: SearchTrail): number {
    const ranges = this.#ranges;
    const highs = sign === 1 ? ranges.highs : ranges.lows;
    const openHigh = sign === 1 ? this.#openHigh : this.#openLow;
    const bar = limit * sign;
    let highest = sign === 1 ? trail.highest : -trail.lowest;
    let found = -1;
    const blocks = from < to ? Math.ceil(to / BLOCK_CANDLES) : 0;
    for (let block = blockOf(from); block < blocks && found < 0; block += 1) {
      const at = block - this.#firstBlock;
      const high = (at < highs.length ? (highs[at] as number) : openHigh) * sign;
      if (high <= bar) {
        if (high > highest) highest = high;
        continue;
      }
      const { times, closes } = this.#columns(block);
      const start = block * BLOCK_CANDLES;
      const end = Math.min(BLOCK_CANDLES, to - start);
      for (let offset = Math.max(0, from - start); offset < end; offset += 1) {
        const close = (closes[offset] as number) * sign;
        if (close <= highest) continue;
        if (close > bar) {
          found = start + offset;
          trail.close = close * sign;
          trail.time = times[offset] as number;
          break;
        }
        highest = close;
      }
    }
    if (sign === 1) trail.highest = highest;
    else trail.lowest = -highest;
    return found;
  }

  get #ranges(): BlockRanges {
    this.#isAtWork = true;
    if (this.#held instanceof PackedColumns) {
      const [firstTimes, lows, highs] = this.#held.unpack().map((column) => [...column]);
      this.#held = { firstTimes: firstTimes ?? [], lows: lows ?? [], highs: highs ?? [] };
    }
    return this.#held;
  }

  #columns(block: number): CloseColumns {
    const firstTime = this.#ranges.firstTimes[block - this.#firstBlock];
    return firstTime === undefined ? this.#openColumns() : this.#full.get(block, firstTime);
  }

  #openColumns(): CloseColumns {
    this.#open ??= openColumns();
    if (this.#openMissing > 0) {
      const { times, closes } = this.#source(this.#openTime, this.#openMissing);
      this.#open.times.set(times);
      this.#open.closes.set(closes);
      this.#openMissing = 0;
    }
    return this.#open;
  }

  #firstWithin(from: number): number {
    return Math.ceil(from / BLOCK_CANDLES) - this.#firstBlock;
  }

  #endWithin(to: number): number {
    return blockOf(to) - this.#firstBlock;
  }

  #closeBlock(): void {
    const { firstTimes, lows, highs } = this.#ranges;
    this.#full.add(this.#firstBlock + firstTimes.length, this.#openColumns());
    firstTimes.push(this.#openTime);
    lows.push(this.#openLow);
    highs.push(this.#openHigh);
    this.#openCount = 0;
    this.#open = undefined;
    this.#openLow = Number.POSITIVE_INFINITY;
    this.#openHigh = Number.NEGATIVE_INFINITY;
  }
}

function openColumns(): CloseColumns {
  return { times: new Float64Array(BLOCK_CANDLES), closes: new Float64Array(BLOCK_CANDLES) };
}

function blockOf(index: number): number {
  return Math.floor(index / BLOCK_CANDLES);
}
