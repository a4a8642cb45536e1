/** The audit must find whatever in a stored ledger is not the fold of the stored candles. */
import { describe, expect, test } from "vitest";
import { auditSeries } from "../../src/ledger/audit.js";
import type { LedgerVerdict } from "../../src/ledger/comparison.js";
import { linesOf } from "../../src/ledger/rows.js";
import { blockKey, type LedgerName, ledgerKey } from "../../src/storage/keys.js";
import type { StoredRows } from "../../src/storage/ledger-records.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";
import { changed, damageRecords } from "../support/damage.js";
import { LedgerHooks } from "../support/ledger-hooks.js";
import { tempFolder } from "../support/temp.js";
import { ID, type LedgerWorld, ledgerWorld, SERIES, spiked, walk } from "./world.js";

const CANDLES = walk(700);
const SECOND_BLOCK = CANDLES[256]?.time ?? 0;
const LEDGERS: readonly LedgerName[] = ["factor", "overlay"];

async function grown(): Promise<LedgerWorld> {
  const world = ledgerWorld();
  await world.run(CANDLES);
  return world;
}

function audit(store: Store, engines: LedgerWorld["engines"]) {
  return auditSeries({ store, factors: engines.factor, overlays: engines.overlay }, ID);
}

/** Writes the block after the first anew, in other words. */
async function rewrite(
  store: Store,
  ledger: LedgerName,
  change: (rows: StoredRows) => Partial<StoredRows>,
): Promise<void> {
  const { head } = store.ledger(SERIES, ledger);
  const [rows] = [...store.ledgerRows(SERIES, ledger, { fromS: SECOND_BLOCK, toS: SECOND_BLOCK })];
  if (head === null || rows === undefined) throw new Error("there is nothing to rewrite");
  const block = { ...rows, checkpoint: undefined, ...change(rows) };
  await store.commit({ series: SERIES, ledgers: { [ledger]: { type: "advanced", head, blocks: [block] } } });
}

function differenceIn(verdict: LedgerVerdict) {
  if (verdict.type !== "different") throw new Error(`the audit finds the ledger ${verdict.type}`);
  return verdict.difference;
}

test("finds nothing in ledgers as they were written", async () => {
  const { store, engines } = await grown();
  expect(audit(store, engines)).toMatchObject({
    series: SERIES,
    candles: CANDLES.length,
    factor: { type: "same", candles: CANDLES.length },
    overlay: { type: "same", candles: CANDLES.length },
  });
});

test("hashes what the rows say: other candles, another hash", async () => {
  const hash = async (candles: typeof CANDLES): Promise<unknown> => {
    const world = ledgerWorld();
    await world.run(candles);
    const { factor } = audit(world.store, world.engines);
    return factor.type === "same" ? factor.hash : factor;
  };
  const [first, again] = [await hash(CANDLES), await hash(CANDLES)];
  expect(again).toBe(first);
  expect(await hash(CANDLES.map((candle, at) => (at === 300 ? spiked(candle) : candle)))).not.toBe(first);
});

test("tells a series without ledgers, and one of other logic", async () => {
  const { store, engines } = ledgerWorld();
  await store.commit({ series: SERIES, upsert: CANDLES });
  expect(audit(store, engines)).toMatchObject({ factor: { type: "absent" }, overlay: { type: "absent" } });
  const world = await grown();
  const hooks = new LedgerHooks();
  const other = { factor: hooks.factorEngine({ logicVersion: "other" }), overlay: world.engines.overlay };
  expect(audit(world.store, other).factor).toEqual({
    type: "other_fingerprint",
    stored: world.engines.factor.fingerprint,
    expected: other.factor.fingerprint,
  });
});

describe.each(LEDGERS)("in the %s ledger it finds", (ledger) => {
  test.each<[string, (rows: StoredRows) => Partial<StoredRows>, string]>([
    ["a row too many", ({ rows }) => ({ rows: `${rows}\n${linesOf(rows).at(-1)}` }), "row "],
    ["a row too few", ({ rows }) => ({ rows: linesOf(rows).slice(0, -1).join("\n") }), "row "],
    ["a row that says something else", ({ rows }) => ({ rows: rows.replace(/1(?=[^1]*$)/, "2") }), "row "],
    ["a block that begins elsewhere", ({ startCount }) => ({ startCount: startCount + 1 }), "the block's start"],
  ])("%s", async (_what, change, what) => {
    const { store, engines } = await grown();
    await rewrite(store, ledger, change);
    const difference = differenceIn(audit(store, engines)[ledger]);
    expect(difference.blockTime).toBe(SECOND_BLOCK);
    expect(difference.what).toContain(what);
    expect(difference.stored).not.toBe(difference.computed);
  });

  test("a head that has come further than its candles", async () => {
    const { store, engines } = await grown();
    const { head } = store.ledger(SERIES, ledger);
    if (head === null) throw new Error("there is no head");
    const further = { ...head, count: head.count + 1 };
    await store.commit({ series: SERIES, ledgers: { [ledger]: { type: "advanced", head: further, blocks: [] } } });
    expect(differenceIn(audit(store, engines)[ledger])).toMatchObject({ what: "the number of candles", stored: "701" });
  });

  test.each([
    ["rows", "ledger_rows", blockKey(1, ledger, SECOND_BLOCK), SECOND_BLOCK],
    ["head", "ledger_heads", ledgerKey(1, ledger), null],
  ])("%s that cannot be read", async (_what, database, key, blockTime) => {
    const folder = tempFolder();
    const before = openLmdbStore(folder);
    const { engines, run } = ledgerWorld({ store: before });
    await run(CANDLES);
    await before.close();
    await damageRecords(folder, database, key, changed);
    const store = openLmdbStore(folder);
    const difference = differenceIn(audit(store, engines)[ledger]);
    await store.close();
    expect(difference).toMatchObject({ blockTime });
  });
});

test("finds a checkpoint that is not the state before its block", async () => {
  const { store, engines } = await grown();
  const checkpoint = store.checkpoint(SERIES, "factor", SECOND_BLOCK)?.replace('"count":256', '"count":255');
  await rewrite(store, "factor", () => ({ checkpoint }) as Partial<StoredRows>);
  expect(differenceIn(audit(store, engines).factor)).toMatchObject({ what: "the checkpoint", blockTime: SECOND_BLOCK });
});

test("finds versions that do not grow", async () => {
  const { store, engines } = await grown();
  await rewrite(store, "overlay", ({ rows }) => ({
    rows: rows.replace(/^\d+/, "1").replace(/"version_id":\d+/, '"version_id":1'),
  }));
  expect(differenceIn(audit(store, engines).overlay).what).toContain("version of row 1");
});
