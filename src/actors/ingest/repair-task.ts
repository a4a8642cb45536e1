/** The repair of a feed's hole, in the background: one at a time, begun anew as long as there is a hole. */
import type { GapCause } from "../../market/gap.js";
import type { ActorRef } from "../runtime/actor.js";
import { type HoleRepairOptions, type RepairVerdict, repairHole } from "./hole-repair.js";
import type { IngestMessage } from "./protocol.js";

export interface RepairTaskOptions
  extends Pick<HoleRepairOptions, "series" | "exchange" | "clock" | "random" | "log" | "hole"> {
  /** Everything that a repair brings comes through the actor's mailbox. */
  readonly self: ActorRef<IngestMessage>;
  /** Whether there is anyone to ask. */
  readonly isServed: () => boolean;
}

export class RepairTask {
  readonly #options: RepairTaskOptions;
  #running: AbortController | undefined;
  #stopped = false;

  constructor(options: RepairTaskOptions) {
    this.#options = options;
  }

  start(cause: GapCause | "next_hole"): void {
    const { self, isServed, ...repair } = this.#options;
    if (this.#running !== undefined || this.#stopped || !isServed()) return;
    const running = new AbortController();
    this.#running = running;
    void repairHole({
      ...repair,
      log: repair.log.with({ cause }),
      deliver: (candles) => self.ask<void>((reply) => ({ type: "repaired", candles, reply })),
      reached: (finalUpToMs) => self.ask<RepairVerdict>((reply) => ({ type: "repair_reached", finalUpToMs, reply })),
      attempted: (error) => void self.tell({ type: "repair_attempted", error }),
      signal: running.signal,
    }).finally(() => {
      this.#running = undefined;
      if (repair.hole() !== undefined) this.start("next_hole");
    });
  }

  /** Ends the repair that is under way; another one may be started. */
  abort(): void {
    this.#running?.abort();
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.abort();
  }
}
