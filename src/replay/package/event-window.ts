/** The events of a window that slides over a package: of every kind a range of its tape. Spec: factors §13; design C-7. */
import type { AnyFactor, EventKind } from "../../factors/definition.js";
import type { EventRow } from "../../ledger/rows.js";
import { MAX_SLICE_EVENTS } from "../../ledger/slices.js";
import type { Tape } from "./spliced-text.js";

/** Events of one kind. */
export interface Lane {
  readonly kind: EventKind;
  /** As they are sent. */
  readonly tape: Tape;
  /** As they are stored; empty unless the factor reworks its history. */
  readonly texts: readonly string[];
  /** Those in the window: numbers [from, to). */
  readonly from: number;
  readonly to: number;
  /** Whether they are others than when the window was last settled. */
  readonly moved: boolean;
}

interface MovingLane extends Lane {
  readonly texts: string[];
  from: number;
  to: number;
  moved: boolean;
}

export class EventWindow {
  readonly #lanes: ReadonlyMap<string, MovingLane>;
  readonly #times: readonly number[];
  /** The lane of each event; undefined for kinds that no factor declares: they are counted, and not shown. */
  readonly #laneOf: readonly (MovingLane | undefined)[];
  #first = 0;
  #end = 0;

  /** @param events ascending. */
  constructor(factors: readonly AnyFactor[], events: readonly EventRow[], newTape: () => Tape) {
    const lanes = new Map<string, MovingLane>();
    const reworked = new Set<string>();
    for (const { events: kinds, history } of factors) {
      for (const kind of kinds) {
        lanes.set(kind.kind, { kind, tape: newTape(), texts: [], from: 0, to: 0, moved: false });
        if (history !== undefined) reworked.add(kind.kind);
      }
    }
    this.#lanes = lanes;
    this.#times = events.map(({ time }) => time);
    this.#laneOf = events.map(({ kind, text }) => {
      const lane = lanes.get(kind);
      if (reworked.has(kind)) lane?.texts.push(text);
      else lane?.tape.add(lane.kind.wireText?.(text) ?? text);
      return lane;
    });
  }

  /** The lanes of a factor's kinds, in its order. */
  lanesOf({ events }: AnyFactor): readonly Lane[] {
    return events.flatMap(({ kind }) => this.#lanes.get(kind) ?? []);
  }

  /** Moves on to the events in [startS, endS], both in seconds; of too many, the newest. */
  moveTo(startS: number, endS: number): void {
    const times = this.#times;
    while (this.#end < times.length && (times[this.#end] as number) <= endS) {
      const lane = this.#laneOf[this.#end];
      if (lane !== undefined) {
        lane.to += 1;
        lane.moved = true;
      }
      this.#end += 1;
    }
    while (this.#first < this.#end && this.#isOver(startS)) {
      const lane = this.#laneOf[this.#first];
      if (lane !== undefined) {
        lane.from += 1;
        lane.moved = true;
      }
      this.#first += 1;
    }
  }

  /** What has moved was taken note of. */
  settle(): void {
    for (const lane of this.#lanes.values()) lane.moved = false;
  }

  #isOver(startS: number): boolean {
    return (this.#times[this.#first] as number) < startS || this.#end - this.#first > MAX_SLICE_EVENTS;
  }
}
