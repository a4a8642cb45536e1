/** A series to which everything happens that a script says, and a check that must hold at every moment. */
import { expect } from "vitest";
import { runPolicies } from "../../src/actors/ingest/policy.js";
import { linesOf, parseInstructionLine } from "../../src/ledger/rows.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { StoreError } from "../../src/storage/errors.js";
import type { SeriesCommit, StoreReader } from "../../src/storage/store.js";
import { SERIES, startSeries } from "../actors/series/world.js";
import { LedgerCheck } from "../support/ledger-check.js";
import { boom, LedgerHooks } from "../support/ledger-hooks.js";
import { tempFolder } from "../support/temp.js";
import { Producer } from "./producer.js";
import type { Operated, Step, Trouble } from "./trouble.js";

const ID = parseSeriesId(SERIES);
const { stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

/** More candles than any script stores. */
const ALL_CANDLES = 100_000;

/** Version ids of a series, each of which may be given once. */
class Versions {
  readonly violations: unknown[] = [];
  #highest = 0;

  look(store: StoreReader, commit: SeriesCommit): void {
    try {
      this.#check(store, commit);
    } catch (error) {
      // A throw here would be taken for a store that fails.
      this.violations.push(error);
    }
  }

  /** A commit's new rows and its head must be newer than all that was given. */
  #check(store: StoreReader, { series, ledgers }: SeriesCommit): void {
    const change = ledgers?.overlay;
    const { lastVersion } = store.ledger(series, "overlay");
    expect(lastVersion).toBeGreaterThanOrEqual(this.#highest);
    this.#highest = lastVersion;
    if (change?.type !== "advanced") return;
    const { from = Number.POSITIVE_INFINITY } = change;
    const known = new Set(openLines(store, series, from));
    const fresh = change.blocks.flatMap(({ rows }) => linesOf(rows)).filter((line) => !known.has(line));
    const versions = fresh.map((line) => parseInstructionLine(line).version);
    for (const version of versions) expect(version).toBeGreaterThan(lastVersion);
    expect(change.head.lastVersion).toBeGreaterThanOrEqual(Math.max(lastVersion, ...versions));
  }
}

/** The rows of the block that the drawing's head lies in, unless that block begins at `drawnAgainFrom` or later. */
function openLines(store: StoreReader, series: string, drawnAgainFrom: number): readonly string[] {
  const time = store.ledgerBlockTime(series, "overlay", Number.MAX_SAFE_INTEGER);
  if (time === undefined || time >= drawnAgainFrom) return [];
  return [...store.ledgerRows(series, "overlay", { fromS: time, toS: time })].flatMap(({ rows }) => linesOf(rows));
}

const OPERATED: Operated = { windowCandles: 2_000, logicVersion: "test", factorOn: true, overlayOn: true };

export class TroubledSeries {
  readonly #trouble: Trouble;
  readonly #producer: Producer;
  readonly #folder = tempFolder();
  readonly #versions = new Versions();
  readonly #failures = { factor: 0, overlay: 0, commit: 0 };
  #operated = OPERATED;
  #world: Awaited<ReturnType<typeof startSeries>> | undefined;
  #check: LedgerCheck | undefined;

  constructor(trouble: Trouble) {
    this.#trouble = trouble;
    this.#producer = new Producer(trouble.seed);
  }

  async open(): Promise<void> {
    const { compensateNewCandles, compensateOverlay, rebuildKeepCandles, ledgerLimits } = this.#trouble;
    const hooks = new LedgerHooks();
    hooks.beforeStep = () => this.#failIfDue("factor");
    hooks.beforeRender = () => this.#failIfDue("overlay");
    const { factor, overlay } = this.#engines(hooks);
    const { factorOn, overlayOn } = this.#operated;
    const world = await startSeries({
      folder: this.#folder,
      parts: {
        compensateNewCandles,
        compensateOverlay,
        ...(ledgerLimits === undefined ? {} : { ledgerLimits }),
        factor: { engine: factor, enabled: factorOn, rebuildOnNewFingerprint: true, rebuildKeepCandles },
        overlay: { engine: overlay, enabled: overlayOn },
      },
    });
    world.store.before = (commit) => {
      this.#versions.look(world.store, commit);
      if (this.#failures.commit === 0) return;
      this.#failures.commit -= 1;
      throw new StoreError("commit_failed", "the disk is full");
    };
    this.#world = world;
    this.#check = new LedgerCheck(world.store, ID, this.#engines(new LedgerHooks()));
    const initial = world.store.head(SERIES).count === 0 ? this.#trouble.initial : 0;
    if (initial > 0) await world.ingest(this.#producer.fresh(initial), stream);
  }

  async close(): Promise<void> {
    await this.world.stop();
    await this.world.store.close();
  }

  get world() {
    if (this.#world === undefined) throw new Error("the series is not open");
    return this.#world;
  }

  async perform(step: Step): Promise<void> {
    switch (step.do) {
      case "run": {
        const stored = this.world.store.read(SERIES, { limit: ALL_CANDLES }).candles();
        // A run that fails is told so; what matters is what it leaves behind.
        await this.world.ingest(this.#producer.give(step, stored), step.policy).catch(() => undefined);
        return;
      }
      case "fail":
        this.#failures[step.what] = step.times;
        return;
      case "wait":
        return this.world.advance(step.ms);
      case "reset drawing":
        return (await this.world.tree()).resetOverlay().catch(() => undefined);
      case "restart":
        return this.world.restart();
      case "reopen":
        return this.#reopen(step);
    }
  }

  /** Lets everything work again, until nothing is left to catch up with. */
  async comeToRest(): Promise<void> {
    Object.assign(this.#failures, { factor: 0, overlay: 0, commit: 0 });
    if (!this.#operated.factorOn || !this.#operated.overlayOn) await this.#reopen(OPERATED);
    // What was suspended for crashing too often has come back by then.
    await this.world.advance(31_000);
    await this.world.ingest(this.#producer.fresh(2), stream);
    await this.world.advance(1_000);
  }

  /** Fails unless the ledgers hold. */
  look(how: "rowsHold" | "everythingHolds"): void {
    expect(this.#versions.violations).toEqual([]);
    this.#check?.[how]();
  }

  async #reopen(operated: Operated): Promise<void> {
    await this.close();
    this.#operated = operated;
    await this.open();
  }

  #engines(hooks: LedgerHooks) {
    const { windowCandles, logicVersion } = this.#operated;
    const { pivotWindowMajor } = this.#trouble;
    const factor = hooks.factorEngine({ logicVersion, pivotWindowMajor });
    return { factor, overlay: hooks.overlayEngine(windowCandles) };
  }

  #failIfDue(what: "factor" | "overlay"): void {
    if (this.#failures[what] === 0) return;
    this.#failures[what] -= 1;
    boom();
  }
}
