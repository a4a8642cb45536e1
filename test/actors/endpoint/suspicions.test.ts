/** What is done about streams that do not bring what the exchange has. F01-F03, F33; feed bounds B11, B12. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORGIVEN_AFTER_MS } from "../../../src/actors/endpoint/pace.js";
import { CONNECTION_WAITS_MS, RENEWAL_GAP_MS, Suspicions } from "../../../src/actors/endpoint/suspicions.js";

const MINUTE = 60_000;

/** Streams that brought something at these times. */
const delivered = (streams: Readonly<Record<string, number>>) => new Map(Object.entries(streams));

/** What is done about `dead` at these minutes, while another stream is well. */
function verdicts(minutes: readonly number[], dead = "dead") {
  const suspicions = new Suspicions();
  return minutes.map((minute) => {
    const nowMs = minute * MINUTE;
    return suspicions.suspect(dead, delivered({ dead: -MINUTE, well: nowMs - 100 }), nowMs);
  });
}

describe("one stream that is dead", () => {
  test("is asked for again once, then its connection is renewed, then after 10, 20, 40 and 40 minutes (F02)", () => {
    const minutes = Array.from({ length: 160 }, (_, minute) => minute);
    const answers = verdicts(minutes);
    const at = (verdict: string) => minutes.filter((minute) => answers[minute] === verdict);
    expect(at("resubscribe")).toEqual([0]);
    expect(at("renew")).toEqual([1, 11, 31, 71, 111, 151]);
  });

  test("begins anew when there was no proof against it for long", () => {
    const later = FORGIVEN_AFTER_MS / MINUTE;
    expect(verdicts([0, 1, 1 + later, 2 + later])).toEqual(["resubscribe", "renew", "resubscribe", "renew"]);
    expect(verdicts([0, 1, later])).toEqual(["resubscribe", "renew", "renew"]);
  });

  test("that never brought anything is dealt with in the same way (F03)", () => {
    const suspicions = new Suspicions();
    const others = (nowMs: number) => delivered({ well: nowMs - 100 });
    expect([0, MINUTE].map((nowMs) => suspicions.suspect("mute", others(nowMs), nowMs))).toEqual([
      "resubscribe",
      "renew",
    ]);
  });

  test("and another one: the renewal is a chance for both, and there are two minutes between two of them", () => {
    const suspicions = new Suspicions();
    const suspect = (stream: string, nowMs: number) =>
      suspicions.suspect(stream, delivered({ a: -MINUTE, b: -MINUTE, c: -MINUTE, well: nowMs - 100 }), nowMs);
    expect([suspect("a", 0), suspect("b", 0)]).toEqual(["resubscribe", "resubscribe"]);
    expect([suspect("a", MINUTE), suspect("b", MINUTE)]).toEqual(["renew", "nothing"]);
    expect(suspect("c", 2 * MINUTE)).toBe("resubscribe");
    expect(suspect("c", MINUTE + RENEWAL_GAP_MS - 1)).toBe("nothing");
    expect(suspect("c", MINUTE + RENEWAL_GAP_MS)).toBe("renew");
    expect(suspect("b", 11 * MINUTE)).toBe("nothing");
  });
});

describe("a connection of which no stream is alive", () => {
  test("is renewed as soon as there is proof against the last of them (F01)", () => {
    const suspicions = new Suspicions();
    const streams = delivered({ a: 0, b: 50, c: 100 });
    expect(["a", "b", "c"].map((stream) => suspicions.suspect(stream, streams, 20_000))).toEqual([
      "resubscribe",
      "resubscribe",
      "renew",
    ]);
  });

  test("because none has brought anything is renewed at once", () => {
    expect(new Suspicions().suspect("mute", delivered({}), 75_000)).toBe("renew");
  });

  test("is not renewed while one of them leaves out finals only (F04)", () => {
    const suspicions = new Suspicions();
    expect(suspicions.suspect("a", delivered({ a: 70_000 }), 75_000)).toBe("resubscribe");
  });

  test("is renewed ever more rarely when that does not help", () => {
    const suspicions = new Suspicions();
    const renewed: number[] = [];
    for (let minute = 0; minute < 120; minute += 1) {
      if (suspicions.suspect("a", delivered({}), minute * MINUTE) === "renew") renewed.push(minute);
    }
    const waits = renewed.slice(1).map((minute, index) => (minute - (renewed[index] ?? 0)) * MINUTE);
    expect(waits).toEqual([...CONNECTION_WAITS_MS, CONNECTION_WAITS_MS.at(-1)]);
  });
});

test("whatever is suspected: no more than one renewal in two minutes for single streams, and few in the long run", () => {
  const proof = fc.record({ stream: fc.integer({ min: 0, max: 20 }), afterS: fc.integer({ min: 0, max: 90 }) });
  fc.assert(
    fc.property(fc.array(proof, { maxLength: 400 }), (proofs) => {
      const suspicions = new Suspicions();
      let nowMs = 0;
      let renewals = 0;
      let resubscriptions = 0;
      let renewedMs = Number.NEGATIVE_INFINITY;
      for (const { stream, afterS } of proofs) {
        nowMs += afterS * 1_000;
        const verdict = suspicions.suspect(`s${stream}`, delivered({ well: nowMs }), nowMs);
        if (verdict === "resubscribe") resubscriptions += 1;
        if (verdict !== "renew") continue;
        renewals += 1;
        expect(nowMs - renewedMs).toBeGreaterThanOrEqual(RENEWAL_GAP_MS);
        renewedMs = nowMs;
      }
      const rounds = 1 + nowMs / FORGIVEN_AFTER_MS;
      expect(resubscriptions).toBeLessThanOrEqual(21 * rounds);
      expect(renewals).toBeLessThanOrEqual(1 + nowMs / RENEWAL_GAP_MS);
    }),
  );
});
