/** Ledgers whose records cannot be read: candles go on, and the ledger is computed anew from them. */
import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { DamageNotes } from "../../../src/ledger/damage.js";
import { LedgerQueries } from "../../../src/ledger/ledger-queries.js";
import { LedgerReader } from "../../../src/ledger/ledger-reader.js";
import { LedgerSync } from "../../../src/ledger/ledger-sync.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { LedgerDamage } from "../../../src/storage/errors.js";
import { blockKey, type LedgerName, ledgerKey } from "../../../src/storage/keys.js";
import { candleAt } from "../../support/candles.js";
import { changed, damageRecords, stump } from "../../support/damage.js";
import { LedgerHooks } from "../../support/ledger-hooks.js";
import { tempFolder } from "../../support/temp.js";
import { minute, RecordingLog, SERIES } from "../series/world.js";
import { expectHolds, grownSeries, reopened, type SeriesWorld, spiked } from "./grown-series.js";

const { http, stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

/** Two whole blocks, and a third that is open. */
const COUNT = 600;
const OPEN_BLOCK = minute(512);
const SECOND_BLOCK = minute(256);
/** The first series of a store has the number 1. */
const NUMBER = 1;

/** A grown series whose store was damaged while it was closed. */
async function damagedSeries(database: string, key: Buffer, damage = changed): Promise<SeriesWorld> {
  const folder = tempFolder();
  const grown = await grownSeries(COUNT, { folder });
  await grown.stop();
  await grown.store.close();
  await damageRecords(folder, database, key, damage);
  return reopened(grown, { folder });
}

/** The reads of a world's series as the routes make them. */
function readsOf({ store, tree, parts }: SeriesWorld, { strict }: { readonly strict: boolean }) {
  const hooks = new LedgerHooks();
  const reader = new LedgerReader({
    store,
    factors: hooks.factorEngine(),
    overlays: hooks.overlayEngine(),
    rebuildOnNewFingerprint: true,
    strict,
    kept: { factor: true, overlay: true },
  });
  const refresh = async (): Promise<readonly string[]> => {
    const series = await tree();
    let behind = true;
    while (behind) ({ behind } = await series.ingest([], stream));
    return [];
  };
  const sync = new LedgerSync(reader, { refresh, resetOverlay: async () => (await tree()).resetOverlay() });
  return new LedgerQueries({ reader, sync, implicitRecompute: !strict, damage: parts.damage });
}

const LEDGERS: readonly LedgerName[] = ["factor", "overlay"];

describe.each(LEDGERS)("a damaged %s ledger", (ledger) => {
  test.each([
    ["head", "ledger_heads", ledgerKey(NUMBER, ledger)],
    ["open block", "ledger_rows", blockKey(NUMBER, ledger, OPEN_BLOCK)],
    ["newest checkpoint", "checkpoints", blockKey(NUMBER, ledger, OPEN_BLOCK)],
  ])("RS-W25 in its %s costs no candle, and is computed anew by itself", async (_what, database, key) => {
    const world = await damagedSeries(database, key);
    const versionsBefore = world.store.ledger(SERIES, "overlay").lastVersion;
    const result = await world.ingest([spiked(candleAt(minute(COUNT)))], stream);
    expect(result.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(world.stored()).toHaveLength(COUNT + 1);
    expect(world.published.closedTimes()).toEqual([minute(COUNT)]);
    // Whatever is emitted next is added to the open block, which is read for that.
    for (let n = 1; n <= 40; n += 1) await world.ingest([candleAt(minute(COUNT + n))], stream);
    await world.advance(2_000);
    expectHolds(world);
    expect(world.heads()).toEqual({
      candles: minute(COUNT + 40),
      factor: minute(COUNT + 40),
      overlay: minute(COUNT + 40),
    });
    expect(world.store.ledger(SERIES, "overlay").lastVersion).toBeGreaterThan(versionsBefore);
    expect(world.log.of("ledger.damaged").map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ series_id: SERIES, ledger }),
    ]);
    expect(world.published.rebuilds()).toBe(ledger === "factor" ? 1 : 0);
    expect(world.log.of("actor.crashed")).toEqual([]);
  });

  test("RS-W26 in what lies back is a lagging one to a strict read, until the next run has computed it anew", async () => {
    const world = await damagedSeries("ledger_rows", blockKey(NUMBER, ledger, SECOND_BLOCK));
    const reads = readsOf(world, { strict: true });
    const frame = () => reads.frameAt(parseSeriesId(SERIES), minute(COUNT - 1), 2_000);
    const commits = world.store.commits.length;
    await expect(frame()).rejects.toMatchObject({ code: `${ledger}_out_of_sync` });
    await world.advance(5_000);
    await expect(frame()).rejects.toMatchObject({ code: `${ledger}_out_of_sync` });
    expect(world.store.commits).toHaveLength(commits);
    await world.ingest([candleAt(minute(COUNT))], stream);
    await world.advance(2_000);
    expect((await frame()).alignedTime).toBe(minute(COUNT - 1));
    expectHolds(world);
  });

  test("is computed anew by a read that may compute", async () => {
    const world = await damagedSeries("ledger_rows", blockKey(NUMBER, ledger, SECOND_BLOCK));
    const reads = readsOf(world, { strict: false });
    expect((await reads.frameAt(parseSeriesId(SERIES), minute(COUNT - 1), 2_000)).alignedTime).toBe(minute(COUNT - 1));
    expectHolds(world);
  });

  test("can be corrected at the place that cannot be read", async () => {
    const world = await damagedSeries("ledger_rows", blockKey(NUMBER, ledger, SECOND_BLOCK), stump);
    await world.ingest([spiked(candleAt(minute(300)))], http);
    await world.advance(2_000);
    expectHolds(world);
    expect(world.heads().overlay).toBe(minute(COUNT - 1));
  });
});

describe("notes of damage", () => {
  test("outlive a run that could not be committed", async () => {
    const world = await damagedSeries("ledger_rows", blockKey(NUMBER, "factor", OPEN_BLOCK));
    world.store.before = ({ ledgers }) => {
      if (ledgers?.factor?.type === "cut") throw new Error("disk full");
    };
    const { damage } = world.parts;
    const late = spiked(candleAt(minute(COUNT - 1)));
    await expect(world.ingest([late], http)).rejects.toThrow("disk full");
    expect(damage.isDamaged(SERIES, "factor")).toBe(true);
    world.store.before = () => undefined;
    await world.ingest([late], http);
    await world.advance(2_000);
    expect(damage.isDamaged(SERIES, "factor")).toBe(false);
    expectHolds(world);
  });

  test("are told once each", () => {
    const log = new RecordingLog();
    const notes = new DamageNotes(log);
    const damage = new LedgerDamage("factor", "the head");
    notes.note(SERIES, damage);
    notes.note(SERIES, damage);
    expect(log.of("ledger.damaged")).toHaveLength(1);
    expect(notes.isDamaged(SERIES, "overlay")).toBe(false);
  });
});
