/** The command as a client of a daemon that a test plays. */
import { expect, onTestFinished, test } from "vitest";
import { readBackfillRequest } from "../../src/actors/feed/backfill-request.js";
import { backfillByDaemon } from "../../src/cli/backfill-daemon.js";
import { BackfillWatch } from "../../src/cli/backfill-watch.js";
import type { TimerHandle } from "../../src/clock/clock.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { type Answer, json, startScriptedServer } from "../exchange/binance/scripted-server.js";

const BTC = "binance:futures:BTC/USDT:1m";
const LONGEST_PAUSE_MS = 1_000;

/** Does not wait between two looks; longer limits never come. */
class ImpatientClock extends SimulatedClock {
  override ioTimeout(callback: () => void, ms: number): TimerHandle {
    if (ms <= LONGEST_PAUSE_MS) this.immediate(callback);
    return {};
  }
}

const wire = (state: string, change: object = {}) => ({
  id: 7,
  series_id: BTC,
  from: 0,
  to: 5_940,
  asked_at_ms: 0,
  state,
  error: null,
  wait_until_ms: null,
  wait_demanded: false,
  done_up_to: null,
  candles: 100,
  candles_done: 0,
  candles_stored: 0,
  absent_candles: 0,
  absent: [],
  weight_used: 5,
  weight_limit: 2_400,
  ...change,
});

const begun = (joined = false): Answer => json({ ok: true, joined, backfill: wire("queued") });
const shows = (...backfills: readonly object[]): Answer => json({ schema_version: 1, now_ms: 0, backfills });

/** @param looks answers to one look after the other; the last one stays. */
async function follow(
  first: Answer,
  looks: readonly Answer[],
  options: { readonly waits?: boolean; readonly stopsAtLook?: number; readonly token?: string } = {},
) {
  const stop = new AbortController();
  const stopped: string[] = [];
  let looked = 0;
  const authorizations = new Set<unknown>();
  const server = await startScriptedServer(({ path, headers }) => {
    authorizations.add(headers.authorization);
    if (path.endsWith("/stop_backfill")) {
      stopped.push(path);
      return json({ ok: true, stopped: true });
    }
    if (headers["content-type"] !== undefined) return first;
    looked += 1;
    if (looked === options.stopsAtLook) stop.abort();
    return looks[Math.min(looked, looks.length) - 1] ?? "reset";
  });
  onTestFinished(() => server.stop());
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (l: string) => void out.push(l), err: (l: string) => void err.push(l), env: {}, stop: stop.signal };
  const clock = new ImpatientClock(10_000_000);
  const request = readBackfillRequest(BTC, 0, 5_940, clock.now());
  const daemon = { url: server.baseUrl, token: options.token, holder: undefined };
  const parts = { request, openEnded: false, daemon, clock, waits: options.waits ?? true };
  const code = await backfillByDaemon(parts, io, new BackfillWatch(io, clock, request));
  return {
    code,
    out: out.join("\n"),
    err: err.join("\n"),
    stopped: stopped.length,
    looked,
    authorizations: [...authorizations],
  };
}

test("looks until it is done, and tells what became of it", async () => {
  const running = wire("running", { candles_done: 50, candles_stored: 50, done_up_to: 2_940 });
  const waiting = wire("waiting", { wait_until_ms: 60_000, wait_demanded: true, error: "banned: no" });
  const done = wire("done", {
    candles_done: 100,
    candles_stored: 98,
    absent_candles: 2,
    absent: [{ from: 0, to: 60 }],
  });
  const { code, out, err } = await follow(begun(), [shows(running), shows(waiting), shows(done)]);
  expect(code).toBe(0);
  expect(out).toMatch(
    /stored +98\n +there before +0\n +absent at source +2\n +1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z/,
  );
  expect(err).toMatch(
    /has begun\n0\.0 %.*\nthe exchange demands a pause, goes on at 1970-01-01 00:01:00 UTC: banned: no\n100\.0 %/,
  );
});

test("is over when somebody else has ended it, the daemon was started anew, or no longer answers", async () => {
  expect(await follow(begun(), [shows(wire("stopped"))])).toMatchObject({
    code: 1,
    out: expect.stringContaining("it was stopped at the daemon"),
  });
  expect(await follow(begun(), [shows(wire("running")), shows({ ...wire("running"), id: 8 })])).toMatchObject({
    code: 1,
    out: expect.stringContaining("the daemon has been started anew"),
  });
  const gone = await follow(begun(), [shows(wire("running")), "reset"]);
  expect(gone).toMatchObject({
    code: 1,
    out: expect.stringContaining("no daemon answers at http://127.0.0.1:"),
    looked: 6,
  });
  const slow = await follow(begun(), ["reset", "reset", "reset", "reset", shows(wire("done"))]);
  expect(slow.code).toBe(0);
});

test("Ctrl-C ends what it began, and leaves what it joined", async () => {
  const own = await follow(begun(), [shows(wire("running")), shows(wire("stopped"))], { stopsAtLook: 1 });
  expect(own).toMatchObject({ code: 130, stopped: 1 });
  const joined = await follow(begun(true), [shows(wire("running"))], { stopsAtLook: 1 });
  expect(joined).toMatchObject({ code: 130, stopped: 0, err: expect.stringContaining("the daemon goes on with it") });
});

test("what is not to be waited for is ended, unless it was joined", async () => {
  const waiting = shows(wire("waiting", { wait_until_ms: 60_000, wait_demanded: true, error: "banned: no" }));
  expect(await follow(begun(), [waiting], { waits: false })).toMatchObject({ code: 3, stopped: 1 });
  expect(await follow(begun(true), [waiting], { waits: false })).toMatchObject({ code: 3, stopped: 0 });
  const pause = shows(wire("waiting", { wait_until_ms: 60_000, error: "network: no" }));
  expect(await follow(begun(), [pause, shows(wire("done"))], { waits: false })).toMatchObject({ code: 0, stopped: 0 });
});

test("a refusal is told with its remedy", async () => {
  const refused = (status: number, detail: unknown): Answer => ({ ...(json({ detail }) as object), status });
  expect(await follow(refused(404, "not_found"), [])).toMatchObject({
    code: 1,
    err: expect.stringContaining("TRADE_CANVAS_ENABLE_DEV_API=1, or stop it"),
  });
  expect((await follow(refused(503, "too_many_backfills"), [])).err).toContain("refused: too_many_backfills (503)");
  expect((await follow("reset", [])).err).toMatch(/no daemon answers at http:\S+ \(.+\); give its address by --url/);
});

test("sends its token with everything that it asks, and nothing of the kind without one", async () => {
  const looks = [shows(wire("running")), shows(wire("stopped"))];
  const withToken = await follow(begun(), looks, { token: "tc_a", stopsAtLook: 1 });
  expect(withToken).toMatchObject({ authorizations: ["Bearer tc_a"], stopped: 1 });
  expect((await follow(begun(), looks, { stopsAtLook: 1 })).authorizations).toEqual([undefined]);
});

test("a daemon that wants a token is told of with the remedy", async () => {
  const { code, err } = await follow({ status: 401, body: JSON.stringify({ detail: "token_required" }) }, []);
  expect(code).toBe(1);
  expect(err).toMatch(/refused: token_required \(401\); give an access token by --token-file or TRADE_CANVAS_TOKEN/);
});
