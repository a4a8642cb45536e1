/** The world of one seed: exchange, network, disk, clients and the lives of the daemon, all on one clock. */
import type { ExchangeNetwork } from "../actors/endpoint/exchange-market.js";
import { sleep } from "../clock/clock.js";
import { loadSettings } from "../config/load.js";
import type { Settings } from "../config/schema.js";
import { createMarketCore, type MarketCore } from "../sim/market-core.js";
import type { MarketKind } from "../sim/settings.js";
import { SimulatedClock } from "../sim/simulated-clock.js";
import { walkSource } from "../sim/truth/walk-source.js";
import { createMemoryDisk } from "../storage/memory-env.js";
import type { Store } from "../storage/store.js";
import { BudgetWitness } from "./budget-witness.js";
import { Chance } from "./chance.js";
import { SimulatedClient } from "./client.js";
import { RunJournal } from "./journal.js";
import { LogWitness } from "./log-witness.js";
import { hostOf, SimulatedNetwork, type Weather } from "./network.js";
import type { Plan, PlannedMarket } from "./plan.js";
import { type DiskState, SimulatedProcess } from "./process.js";

export interface WorldOptions {
  /** Keep the journal's lines, not its hash alone. */
  readonly keepJournal?: boolean;
  /** Entries of each kind that the journals of the exchange keep; {@link JOURNAL_CAPACITY} when left out. */
  readonly journalCapacity?: number;
  /** Puts something between the runtime and its store or network: for tests that the checks find what they look for. */
  readonly wrapStore?: (store: Store) => Store;
  readonly wrapNetwork?: (network: ExchangeNetwork) => ExchangeNetwork;
}

export const CALM_LATENCY_MS = [5, 80] as const;
export const CALM_FLUSH_MS = 20;
/** Closing handshakes end within this time of a stop, in milliseconds. */
const GOODBYE_MS = 5_000;
/** Entries of each kind that a market's journal keeps. */
const JOURNAL_CAPACITY = 50_000;
export const MARKET_KINDS: readonly MarketKind[] = ["spot", "futures"];

export class World {
  readonly plan: Plan;
  readonly clock: SimulatedClock;
  readonly journal: RunJournal;
  readonly markets: Readonly<Record<MarketKind, MarketCore>>;
  readonly weather: Readonly<Record<MarketKind, Weather>>;
  readonly network: SimulatedNetwork;
  readonly disk = createMemoryDisk();
  readonly diskState: DiskState = { full: false, flushUpToMs: CALM_FLUSH_MS };
  readonly budgets: BudgetWitness;
  readonly logs = new LogWitness();
  readonly clients: readonly SimulatedClient[];
  readonly settings: Settings;
  /** Timers that clean stops have left behind, by life. */
  readonly leftTimers: string[] = [];
  /** Clients that were connected, and series that were followed, when the run ended; noted before the stop. */
  readonly atEnd = { exchangeNowMs: { spot: 0, futures: 0 }, connected: new Set<string>(), wanted: new Set<string>() };
  readonly #options: WorldOptions;
  readonly #chance: Chance;
  #process: SimulatedProcess | undefined;
  #lives = 0;
  #wallOffsetMs = 0;

  constructor(plan: Plan, options: WorldOptions) {
    this.plan = plan;
    this.#options = options;
    this.#chance = new Chance(plan.seed, "process");
    this.clock = new SimulatedClock(plan.startMs);
    this.journal = new RunJournal(this.clock, options.keepJournal === true);
    this.budgets = new BudgetWitness(this.clock);
    this.markets = {
      spot: this.#market("spot", plan.markets.spot),
      futures: this.#market("futures", plan.markets.futures),
    };
    this.weather = { spot: calmWeather(), futures: calmWeather() };
    const { clock, markets, weather, budgets: witness } = this;
    this.network = new SimulatedNetwork({ clock, chance: new Chance(plan.seed, "network"), markets, weather, witness });
    this.settings = settingsOf(plan);
    this.clients = plan.clients.map(
      (client) =>
        new SimulatedClient(client, {
          journal: this.journal,
          process: () => this.#process,
          exchangeNowMs: () => markets[marketOf(plan, client.series)].agenda.now(),
          after: (ms, run) => clock.setTimeout(run, ms),
        }),
    );
  }

  /** The life that runs now; undefined between two. */
  get process(): SimulatedProcess | undefined {
    return this.#process;
  }

  get lives(): number {
    return this.#lives;
  }

  async startProcess(): Promise<void> {
    this.#lives += 1;
    const { plan, clock, network, disk, diskState, settings, journal } = this;
    const process = new SimulatedProcess({
      life: this.#lives,
      clock,
      wallOffsetMs: this.#wallOffsetMs,
      network,
      disk,
      diskState,
      settings,
      whitelist: plan.series.filter(({ pinned }) => pinned).map(({ id }) => id),
      chance: this.#chance,
      journal,
      onLog: (event, fields) => this.logs.heard(event, fields, clock.now()),
      wrapStore: this.#options.wrapStore,
      wrapNetwork: this.#options.wrapNetwork,
    });
    this.logs.lifeBegan();
    this.#process = process;
    await process.runtime.start();
  }

  crash(flushed: boolean): boolean {
    const process = this.#process;
    if (process === undefined) return false;
    this.#process = undefined;
    process.crash(flushed);
    this.budgets.lifeEnded(process.life);
    for (const client of this.clients) client.lost();
    return true;
  }

  /** Ends the running life in order; false when there is none. */
  async stopProcess(): Promise<boolean> {
    const process = this.#process;
    if (process === undefined) return false;
    this.#process = undefined;
    // A sleeping process hears that it is to stop when it wakes up.
    await sleep(this.clock, process.clock.asleepForMs());
    for (const client of this.clients) client.lost();
    await process.stop();
    this.budgets.lifeEnded(process.life);
    this.clock.setTimeout(() => {
      const left = process.bury();
      if (left > 0) this.leftTimers.push(`life ${process.life} left ${left} timers after its stop`);
    }, GOODBYE_MS);
    return true;
  }

  /** Notes how things stand at the end of the run, before the daemon is stopped. */
  noteEnd(): void {
    for (const market of MARKET_KINDS) this.atEnd.exchangeNowMs[market] = this.markets[market].agenda.now();
    for (const client of this.clients) {
      if (client.isWanted) this.atEnd.wanted.add(client.plan.name);
      if (client.isConnected) this.atEnd.connected.add(client.plan.name);
      client.leave();
    }
  }

  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
    this.#process?.clock.jump(byMs);
  }

  #market(kind: MarketKind, { symbols, settings, truthFaults }: PlannedMarket): MarketCore {
    const core = createMarketCore(
      kind,
      {
        symbols: symbols.map(({ symbol, base, walk }) => ({
          symbol,
          baseAsset: base,
          quoteAsset: "USDT",
          source: walkSource(walk),
        })),
        settings: { ...settings, journal: { capacityPerKind: this.#options.journalCapacity ?? JOURNAL_CAPACITY } },
      },
      { clock: this.clock, seed: this.plan.seed },
    );
    core.journal.listen(({ kind: what, ...entry }) => this.journal.note(`exchange/${kind}`, what, entry));
    for (const fault of truthFaults) core.faults.switchOn(fault);
    return core;
  }
}

function calmWeather(): Weather {
  return { offline: false, blackHole: false, lostAnswers: 0, latencyMs: CALM_LATENCY_MS };
}

function settingsOf({ env }: Plan): Settings {
  const addresses = {
    TRADE_CANVAS_BINANCE_SPOT_WS_URL: `ws://${hostOf("spot")}`,
    TRADE_CANVAS_BINANCE_FUTURES_WS_URL: `ws://${hostOf("futures")}`,
    TRADE_CANVAS_BINANCE_SPOT_BASE_URL: `http://${hostOf("spot")}`,
    TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: `http://${hostOf("futures")}`,
  };
  return loadSettings({ ...env, ...addresses }, "/simulated").settings;
}

function marketOf({ series }: Plan, id: string): MarketKind {
  return series.find((one) => one.id === id)?.market ?? (id.startsWith("binance:futures:") ? "futures" : "spot");
}
