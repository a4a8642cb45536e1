/**
 * The factor slices of a package, bar by bar, as rows: a factor has a row wherever its history or its head differ from its row
 * before. Spec: replay §4, "Factor snapshots", and Q-1; factors §13.
 */
import type { AnyFactor } from "../../factors/definition.js";
import type { FactorEngine } from "../../factors/engine.js";
import type { EventRow } from "../../ledger/rows.js";
import { byBucket, factorSlice, headText, historyMembers, type SlicePlace, windowStart } from "../../ledger/slices.js";
import type { SeriesId } from "../../market/series-id.js";
import type { FactorSchema } from "./archive.js";
import { EventWindow, type Lane } from "./event-window.js";
import type { LedgerState } from "./ledger-walk.js";
import { SlidingList, type SplicedPart, Tape } from "./spliced-text.js";

/** A row as it is sent. */
export type SnapshotRow = readonly SplicedPart[];

export class FactorLog {
  readonly tapes: Tape[] = [];
  readonly #id: SeriesId;
  readonly #windowCandles: number;
  readonly #events: EventWindow;
  /** By name. */
  readonly #factors: readonly FactorRows[];

  /** @param events of the ledger since the window of the first bar, at least, and up to the last bar. */
  constructor(engine: FactorEngine, id: SeriesId, windowCandles: number, events: readonly EventRow[]) {
    this.#id = id;
    this.#windowCandles = windowCandles;
    const newTape = (): Tape => {
      const tape = new Tape(this.tapes.length);
      this.tapes.push(tape);
      return tape;
    };
    this.#events = new EventWindow(engine.factors, events, newTape);
    const byName = [...engine.factors].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#factors = byName.map((factor) => new FactorRows(factor, this.#events.lanesOf(factor), newTape));
  }

  /** Goes on to a bar, of the given time in seconds. @param state undefined while the ledger has not begun. */
  next(timeS: number, state: LedgerState | undefined): readonly SnapshotRow[] {
    this.#events.moveTo(windowStart(this.#id, timeS, this.#windowCandles), timeS);
    if (state === undefined) return [];
    const place = { series: this.#id.text, timeS };
    const rows = this.#factors.map((factor) => factor.next(place, state));
    this.#events.settle();
    return rows.filter((row) => row !== undefined);
  }

  /** The newest row of each factor that has one, by time and factor. */
  newest(): readonly SnapshotRow[] {
    const newest = this.#factors.flatMap((factor) => factor.newest ?? []);
    return newest.sort((a, b) => a.timeS - b.timeS).map(({ row }) => row);
  }

  /** What the slices of every factor have been made of, by name. */
  schema(): readonly FactorSchema[] {
    return this.#factors.map((factor) => factor.schema());
  }
}

/** The rows of one factor. */
class FactorRows {
  newest: { readonly timeS: number; readonly row: SnapshotRow } | undefined;
  readonly #factor: AnyFactor;
  readonly #lanes: readonly Lane[];
  readonly #newTape: () => Tape;
  /** Of a factor that reworks its history: its lists, by name. */
  readonly #lists = new Map<string, SlidingList>();
  readonly #headKeys = new Set<string>();
  #history: readonly SplicedPart[] = [];
  #facts: unknown;
  #head: string | undefined;

  constructor(factor: AnyFactor, lanes: readonly Lane[], newTape: () => Tape) {
    this.#factor = factor;
    this.#lanes = lanes;
    this.#newTape = newTape;
  }

  next(place: SlicePlace, { fold, frame }: LedgerState): SnapshotRow | undefined {
    const factor = this.#factor;
    // Both are looked at: each remembers what it has seen.
    const hasHistory = this.#takeHistory();
    const hasHead = this.#takeHead(frame);
    if (!fold.isPresent(factor) || (this.newest !== undefined && !hasHistory && !hasHead)) return undefined;
    const { timeS } = place;
    const slice = factorSlice(factor.name, place, this.#history, this.#head ?? "{}");
    const begin = `{"factor_name":${JSON.stringify(factor.name)},"candle_time":${timeS},"snapshot":`;
    const row: SnapshotRow = [begin, ...slice, "}"];
    this.newest = { timeS, row };
    return row;
  }

  schema(): FactorSchema {
    const { name, history } = this.#factor;
    const buckets = this.#buckets(() => []);
    return {
      factor_name: name,
      history_keys: [...(history?.(buckets) ?? buckets).keys()].sort(),
      head_keys: [...this.#headKeys].sort(),
    };
  }

  /** @returns whether the history differs from the one before. */
  #takeHistory(): boolean {
    const { history } = this.#factor;
    if (this.#history.length > 0 && !this.#lanes.some((lane) => lane.moved)) return false;
    if (history === undefined) {
      const lists = this.#buckets((lane) => lane.tape.range(lane.from, lane.to));
      this.#history = historyMembers<SplicedPart>(lists);
      return true;
    }
    let differs = false;
    const lists = history(this.#buckets((lane) => lane.texts.slice(lane.from, lane.to)));
    for (const [name, items] of lists) differs = this.#list(name).set(items) || differs;
    this.#history = historyMembers<SplicedPart>(
      new Map([...lists.keys()].map((name) => [name, this.#list(name).range()])),
    );
    return differs;
  }

  #takeHead(frame: LedgerState["frame"]): boolean {
    const factor = this.#factor;
    const facts = frame.factsOf(factor);
    // A head that is written from the facts alone is as it was while the facts are.
    if (factor.headText !== undefined && facts === this.#facts) return false;
    this.#facts = facts;
    const text = headText(factor, frame);
    if (text === this.#head) return false;
    this.#head = text;
    for (const key of Object.keys(factor.head(facts as never, frame))) this.#headKeys.add(key);
    return true;
  }

  #list(name: string): SlidingList {
    const list = this.#lists.get(name) ?? new SlidingList(this.#newTape());
    this.#lists.set(name, list);
    return list;
  }

  /** Per list of the history what its kinds of events have, one kind after the other. */
  #buckets<Item>(of: (lane: Lane) => readonly Item[]): ReadonlyMap<string, readonly Item[]> {
    return byBucket(this.#lanes.map((lane) => [lane.kind.bucket, of(lane)]));
  }
}
