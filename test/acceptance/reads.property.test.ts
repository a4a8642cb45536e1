/**
 * The reads of the ledgers as clients rely on them, on random series that are ingested in single candles and batches, with
 * late, corrected and repeated candles and restarts between. The numbers are those of overlays §13 (O) and factors §16 (F);
 * what the reference fails of them holds here.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candle } from "../../src/market/candle.js";
import {
  type IngestCall,
  type IngestScript,
  ingestScriptOf,
  type ScriptOptions,
  scriptOf,
} from "../support/ingest-script.js";
import type { DrawBody, SlicesBody } from "../support/ledger-answers.js";
import { PollingClient } from "../support/polling-client.js";
import { seededWalk } from "../support/random-series.js";
import { expectCutOf, expectFrameHolds, looksOf } from "../support/read-checks.js";
import { type PivotWindows, ReadWorld } from "../support/read-world.js";

const TIMEFRAME_SECONDS = 60;
/** A failure is shrunk no longer than this, in milliseconds of real time. */
const TIME_LIMIT_MS = 40_000;
/** Candles of the largest window. */
const WHOLE = 5_000;
const WINDOW = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: WHOLE }));

interface Run {
  readonly script: IngestScript;
  readonly series: string;
  readonly pivots: PivotWindows;
  readonly windows: readonly number[];
  /** A world with these pivot windows; worlds of other names hold other stores. */
  world(name?: string): Promise<ReadWorld>;
}

/** Checks a property of random scripts. Each run has a series of its own in worlds that the runs share. */
async function holds(numRuns: number, options: ScriptOptions, property: (run: Run) => Promise<void>): Promise<void> {
  const worlds = new Map<string, ReadWorld>();
  const pivots = fc.record({ major: fc.integer({ min: 1, max: 4 }), minor: fc.integer({ min: 1, max: 2 }) });
  const windows = fc.tuple(WINDOW, WINDOW);
  let runs = 0;
  const checked = fc.asyncProperty(ingestScriptOf(options), pivots, windows, async (script, pivots, windows) => {
    const world = async (name = ""): Promise<ReadWorld> => {
      const key = `${pivots.major}:${pivots.minor}:${name}`;
      const open = worlds.get(key) ?? (await ReadWorld.open(pivots));
      worlds.set(key, open);
      return open;
    };
    runs += 1;
    await property({ script, series: `binance:futures:S${runs}/USDT:1m`, pivots, windows, world });
  });
  await fc.assert(checked, { numRuns, interruptAfterTimeLimit: TIME_LIMIT_MS });
}

interface Step extends IngestCall {
  readonly place: number;
  /** Times of all candles that are stored, ascending. */
  readonly times: readonly number[];
  readonly head: number;
}

/** Makes the calls of a script one after another. */
async function* play(world: ReadWorld, series: string, { calls, restarts }: IngestScript): AsyncGenerator<Step> {
  const stored = new Set<number>();
  for (const [place, call] of calls.entries()) {
    if (restarts.includes(place)) await world.restart();
    await world.ingest(series, call.candles);
    for (const { time } of call.candles) stored.add(time);
    const times = [...stored].sort((a, b) => a - b);
    yield { ...call, place, times, head: times.at(-1) as number };
  }
}

test("every read is answered after every ingest, at every window and time (O 5-10; F 7, 15, 16)", async () => {
  await holds(12, { minCandles: 5, maxCandles: 60 }, async ({ script, series, windows, world: open }) => {
    const world = await open();
    const asked = { series, timeframeSeconds: TIMEFRAME_SECONDS };
    for await (const { times, head, place } of play(world, series, script)) {
      for (const window of windows) {
        expectFrameHolds(await world.liveFrame(series, window), { ...asked, time: head, aligned: head, window });
        const at = (place * 7) % times.length;
        const aligned = times[at] as number;
        const time = Math.min(aligned + place, (times[at + 1] ?? Number.POSITIVE_INFINITY) - 1);
        expectFrameHolds(await world.frameAt(series, time, window), { ...asked, time, aligned, window });
      }
      const [window = 1] = windows;
      expectCutOf(await world.slices(series, head, window), await world.slices(series, head, WHOLE));
    }
    for (const { time } of script.candles) {
      const [, window = 1] = windows;
      expectFrameHolds(await world.frameAt(series, time, window), { ...asked, time, aligned: time, window });
    }
  });
}, 60_000);

test("a client that reads increments holds and shows what a fresh read does (O 1, 3-5, 11)", async () => {
  await holds(10, { minCandles: 5, maxCandles: 60 }, async ({ script, series, windows, world: open }) => {
    const world = await open();
    const readers: PollingClient[] = [];
    const pollers: PollingClient[] = [];
    for await (const { place, head } of play(world, series, script)) {
      if (place % 5 === 0) {
        readers.push(...windows.map((window) => new PollingClient(window)));
        pollers.push(new PollingClient(windows[0] ?? WHOLE));
      }
      for (const client of readers) await readIncrement(world, series, client);
      for (const client of pollers) await poll(world, series, client, head);
    }
  });
}, 60_000);

async function readIncrement(world: ReadWorld, series: string, client: PollingClient): Promise<void> {
  const { cursor, window } = client;
  const increment = await world.draw(series, { cursor, window });
  for (const { version_id } of increment.instruction_catalog_patch) expect(version_id).toBeGreaterThan(cursor);
  expect(increment.next_cursor.version_id).toBeGreaterThanOrEqual(cursor);
  client.apply(increment);
  const fresh = await world.draw(series, { window });
  client.expectLooksLike(fresh);
  expect(client.shown).toEqual(fresh.active_ids);
  if (client.cursor === 0) return;
  const again = await world.draw(series, { cursor: client.cursor, window });
  expect(again).toEqual({ ...increment, instruction_catalog_patch: [] });
}

/** A poll without a record leaves the client with what it shows; of that, some may have left the window since. */
async function poll(world: ReadWorld, series: string, client: PollingClient, head: number): Promise<void> {
  const { cursor, window } = client;
  const { records, next_cursor } = await world.poll(series, cursor, window);
  expect(records.length).toBeLessThanOrEqual(1);
  for (const record of records) {
    expect(record.id).toBe(next_cursor.id);
    expect(record.id).toBeGreaterThan(cursor);
    expect([record.to_candle_time, record.draw_delta.to_candle_id]).toEqual([head, record.to_candle_id]);
    expect(record.factor_slices).toEqual(await world.slices(series, head, window));
    client.apply(record.draw_delta);
  }
  if (records.length === 0) expect(next_cursor.id).toBe(cursor);
  const fresh = await world.draw(series, { window });
  client.expectLooksLike(fresh);
  expect(client.shown).toEqual(expect.arrayContaining([...fresh.active_ids]));
  if (records.length === 1) expect(client.shown).toEqual(fresh.active_ids);
}

interface Memory {
  readonly slices: string;
  readonly draw: string;
  /** No candle before this one was late or corrected since. */
  undisturbed: boolean;
}

/** What was read when each candle was the newest, for as long as nothing at or before it changes. */
async function remember(world: ReadWorld, series: string, script: IngestScript, window: number) {
  const memories = new Map<number, Memory>();
  for await (const { head, changedFrom } of play(world, series, script)) {
    for (const [time, memory] of memories) {
      if (changedFrom !== undefined && time >= changedFrom) memories.delete(time);
      else if (changedFrom !== undefined) memory.undisturbed = false;
    }
    const slices = await world.slicesText(series, head, window);
    if (!memories.has(head))
      memories.set(head, { slices, draw: await world.drawText(series, { window }), undisturbed: true });
  }
  return memories;
}

async function expectRemembered(
  world: ReadWorld,
  series: string,
  window: number,
  memories: ReadonlyMap<number, Memory>,
) {
  for (const [atTime, { slices, draw, undisturbed }] of memories) {
    expect(await world.slicesText(series, atTime, window)).toBe(slices);
    const now = await world.drawText(series, { window, atTime });
    if (undisturbed) expect(now).toBe(draw);
    else expect(looksOf(JSON.parse(now) as DrawBody)).toEqual(looksOf(JSON.parse(draw) as DrawBody));
  }
}

test("a read of the past says what it said when that was now (O 7; F 6)", async () => {
  await holds(10, { minCandles: 5, maxCandles: 80 }, async ({ script, series, windows, world: open }) => {
    const world = await open();
    const [window = 1] = windows;
    await expectRemembered(world, series, window, await remember(world, series, script, window));
  });
}, 60_000);

/** Every kind of read, at some of the candles and at the newest. */
async function everything(
  world: ReadWorld,
  series: string,
  candles: readonly Candle[],
  window: number,
): Promise<string[]> {
  const texts: string[] = [];
  for (const { time } of candles.filter((_, at) => at % 7 === 0)) {
    texts.push(await world.slicesText(series, time, window), await world.drawText(series, { window, atTime: time }));
  }
  texts.push(JSON.stringify(await world.liveFrame(series, window)));
  texts.push(JSON.stringify(await world.poll(series, 0, window)), await world.drawText(series, { window, cursor: 9 }));
  return texts;
}

test("two stores fed alike answer alike, to the byte; restarts and batches make no difference (O 2, 12; F 2, 5, 17)", async () => {
  await holds(10, { minCandles: 5, maxCandles: 60, restarts: 2 }, async ({ script, series, windows, world: open }) => {
    const [restarted, steady, batched] = [await open("restarted"), await open("steady"), await open("batched")];
    for await (const _ of play(restarted, series, script));
    for await (const _ of play(steady, series, { ...script, restarts: [] }));
    await batched.ingest(series, script.candles);
    const disturbed = script.calls.some(({ changedFrom }) => changedFrom !== undefined);
    for (const window of windows) {
      const texts = await everything(steady, series, script.candles, window);
      expect(await everything(restarted, series, script.candles, window)).toEqual(texts);
      if (!disturbed) expect(await everything(batched, series, script.candles, window)).toEqual(texts);
      for (const { time } of script.candles.filter((_, at) => at % 7 === 0)) {
        expect(await batched.slicesText(series, time, window)).toBe(await steady.slicesText(series, time, window));
        const [one, other] = [
          await batched.draw(series, { window, atTime: time }),
          await steady.draw(series, { window, atTime: time }),
        ];
        expect(looksOf(one)).toEqual(looksOf(other));
      }
    }
  });
}, 60_000);

test("all of it across the blocks of a ledger, with candles late and corrected in each of them", async () => {
  const candles = seededWalk({ seed: 11, count: 620, holeChance: 0.01 });
  const at = (part: number, kind: "late" | "corrected" | "repeated", delay: number) => ({
    at: part,
    kind,
    delay,
    raise: 3,
  });
  const disturbances = [
    at(0.2, "late", 2),
    at(0.5, "corrected", 1),
    at(0.55, "late", 3),
    at(0.9, "corrected", 0),
    at(0.99, "late", 1),
  ];
  const script = scriptOf(candles, [60, 1, 33, 150, 2], disturbances, [6]);
  const world = await ReadWorld.open({ major: 3, minor: 1 });
  const series = "binance:futures:BLOCKS/USDT:1m";
  const clients = [5, 300, WHOLE].map((window) => new PollingClient(window));
  const asked = { series, timeframeSeconds: TIMEFRAME_SECONDS };
  for await (const { head, times } of play(world, series, script)) {
    for (const client of clients) await readIncrement(world, series, client);
    for (const window of [7, 400]) {
      expectFrameHolds(await world.liveFrame(series, window), { ...asked, time: head, aligned: head, window });
      for (const aligned of times.filter((_, place) => place % 97 === 0)) {
        expectFrameHolds(await world.frameAt(series, aligned, window), { ...asked, time: aligned, aligned, window });
      }
    }
  }
  const again = await ReadWorld.open({ major: 3, minor: 1 });
  await again.ingest(series, script.candles);
  for (const { time } of script.candles.filter((_, place) => place % 31 === 0)) {
    const frames = await Promise.all([world.frameAt(series, time, 400), again.frameAt(series, time, 400)]);
    const [slices, other] = frames.map(({ factor_slices }): SlicesBody => factor_slices);
    expect(slices).toEqual(other);
    const [looks, otherLooks] = frames.map(({ draw_state }) => looksOf(draw_state));
    expect(looks).toEqual(otherLooks);
  }
  const memories = await remember(world, "binance:futures:MEMORY/USDT:1m", script, 300);
  await expectRemembered(world, "binance:futures:MEMORY/USDT:1m", 300, memories);
}, 60_000);
