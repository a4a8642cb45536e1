/** One life of the daemon in a simulation: its clock, its view of the disk and of the network, and the market runtime itself. */
import { BreakerBoard } from "../actors/breaker/breaker-board.js";
import type { ExchangeNetwork } from "../actors/endpoint/exchange-market.js";
import type { MarketRuntime } from "../actors/market-runtime.js";
import { createRuntime } from "../assembly.js";
import type { Settings } from "../config/schema.js";
import { DamageNotes } from "../ledger/damage.js";
import { DebugHub } from "../observability/debug-hub.js";
import { Metrics } from "../observability/metrics.js";
import type { SimulatedClock } from "../sim/simulated-clock.js";
import { KeyedStore } from "../storage/keyed-store.js";
import { type MemoryDisk, openMemoryEnv } from "../storage/memory-env.js";
import type { Store } from "../storage/store.js";
import type { Chance } from "./chance.js";
import { journalLog, type LogListener, type RunJournal } from "./journal.js";
import type { SimulatedNetwork } from "./network.js";
import { ProcessClock } from "./process-clock.js";

/** How the disk behaves at present. */
export interface DiskState {
  full: boolean;
  /** Longest time of a flush, in milliseconds. */
  flushUpToMs: number;
}

export interface ProcessOptions {
  /** How many lives there were before, plus one. */
  readonly life: number;
  readonly clock: SimulatedClock;
  /** How far the machine's wall clock is ahead, in milliseconds. */
  readonly wallOffsetMs: number;
  readonly network: SimulatedNetwork;
  readonly disk: MemoryDisk;
  readonly diskState: DiskState;
  readonly settings: Settings;
  readonly whitelist: readonly string[];
  readonly chance: Chance;
  readonly journal: RunJournal;
  readonly onLog: LogListener;
  readonly wrapStore?: ((store: Store) => Store) | undefined;
  readonly wrapNetwork?: ((network: ExchangeNetwork) => ExchangeNetwork) | undefined;
}

export class SimulatedProcess {
  readonly life: number;
  readonly clock: ProcessClock;
  readonly runtime: MarketRuntime;
  readonly #store: Store;
  readonly #options: ProcessOptions;
  /** Ends the flush that is under way. */
  #flushing: ((failure?: Error) => void) | undefined;
  #alive = true;

  constructor(options: ProcessOptions) {
    const { life, network, disk, settings, whitelist, chance, journal, onLog } = options;
    this.#options = options;
    this.life = life;
    this.clock = new ProcessClock(options.clock, options.wallOffsetMs);
    const isAlive = (): boolean => this.#alive;
    const log = journalLog({ journal, who: `daemon ${life}`, isAlive, onEvent: onLog });
    const store = new KeyedStore(
      openMemoryEnv({
        disk,
        nextTurn: (run) => this.clock.immediate(run),
        flush: (done) => this.#flush(done),
      }),
    );
    this.#store = options.wrapStore?.(store) ?? store;
    const { random } = chance;
    const link = network.linkFor(life, { isAlive, asleepForMs: () => this.clock.asleepForMs() });
    const reached = options.wrapNetwork?.(link) ?? link;
    const parts = { settings, whitelist, clock: this.clock, random, log, network: reached };
    const debug = new DebugHub(this.clock);
    const metrics = new Metrics(this.clock, false);
    const breakers = new BreakerBoard({ clock: this.clock, log, debug, metrics, store: this.#store });
    this.runtime = createRuntime(parts, { store: this.#store, debug, metrics, damage: new DamageNotes(log), breakers });
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** The orderly end. What it began of its goodbyes to the exchange may still be under way: see {@link bury}. */
  async stop(): Promise<void> {
    await this.runtime.stop();
    await this.#store.close();
  }

  /** Ends a stopped process for good. @returns how many timers it had left. */
  bury(): number {
    const left = this.clock.pendingTimers;
    this.#alive = false;
    this.clock.kill();
    return left;
  }

  /** The end from one moment to the next. @param flushed what was on its way to the disk got there, though nobody was told. */
  crash(flushed: boolean): void {
    this.#alive = false;
    this.#options.network.dropLife(this.life);
    this.clock.kill();
    if (flushed) this.#flushing?.();
  }

  #flush(done: (failure?: Error) => void): void {
    const { diskState, chance } = this.#options;
    this.#flushing = done;
    this.clock.setTimeout(
      () => {
        this.#flushing = undefined;
        done(diskState.full ? new Error("no space left on device") : undefined);
      },
      chance.whole(1, diskState.flushUpToMs),
    );
  }
}
