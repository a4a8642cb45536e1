import { describe, expect, it } from "vitest";
import {
  BAN_DEFAULT_MAX_MS,
  BAN_DEFAULT_MS,
  BLOCKED_MS,
  LONGEST_SILENCE_MS,
  RATE_LIMIT_DEFAULT_MAX_MS,
  RATE_LIMIT_DEFAULT_MS,
  type RefusalStatus,
  refusalIn,
  SILENCE_JITTER_MS,
  silenceFor,
} from "../../../src/exchange/binance/silence.js";

const NOW_MS = 1_659_146_000_000;
const BANNED_UNTIL_MS = 1_659_146_400_000;
const BAN_TEXT = `{"code":-1003,"msg":"Way too much request weight used; IP banned until ${BANNED_UNTIL_MS}. Please use WebSocket Streams for live updates to avoid bans."}`;
const FUTURES_BAN_TEXT = `Way too many requests; IP(1.2.3.4) banned until ${BANNED_UNTIL_MS}. Please use the websocket for live updates to avoid bans.`;

function silentMs(
  status: RefusalStatus,
  retryAfter: string | null,
  text = "",
  { earlierRefusals = 0, random = 0 } = {},
): number {
  return silenceFor({ status, retryAfter, text }, { nowMs: NOW_MS, earlierRefusals, random }).untilMs - NOW_MS;
}

describe("silenceFor", () => {
  it("F27: lasts until the later of header and text, of which either may be missing", () => {
    expect(silentMs(418, "120", BAN_TEXT)).toBe(400_000);
    expect(silentMs(418, "900", BAN_TEXT)).toBe(900_000);
    expect(silentMs(418, null, FUTURES_BAN_TEXT)).toBe(400_000);
    expect(silentMs(418, "120", "banned")).toBe(120_000);
    expect(silentMs(429, "7", "")).toBe(7_000);
    expect(silentMs(429, null, BAN_TEXT)).toBe(400_000);
  });

  it("names its cause", () => {
    const cause = (status: RefusalStatus): string =>
      silenceFor({ status, retryAfter: null, text: "" }, { nowMs: 0, earlierRefusals: 0, random: 0 }).cause;
    expect(([429, 418, 403, 451] as const).map(cause)).toEqual(["rate_limited", "banned", "blocked", "restricted"]);
  });

  it("without any time takes a default that doubles up to its cap", () => {
    const repeated = (status: RefusalStatus): number[] =>
      [0, 1, 2, 50].map((earlierRefusals) => silentMs(status, null, "", { earlierRefusals }));
    expect(repeated(429)).toEqual([
      RATE_LIMIT_DEFAULT_MS,
      2 * RATE_LIMIT_DEFAULT_MS,
      RATE_LIMIT_DEFAULT_MAX_MS,
      RATE_LIMIT_DEFAULT_MAX_MS,
    ]);
    expect(repeated(418)).toEqual([BAN_DEFAULT_MS, 2 * BAN_DEFAULT_MS, 4 * BAN_DEFAULT_MS, BAN_DEFAULT_MAX_MS]);
  });

  it.each(["0", "-5", "soon", "", "Wed, 21 Oct 2026 07:28:00 GMT"])("takes Retry-After %j for missing", (header) => {
    expect(silentMs(429, header)).toBe(RATE_LIMIT_DEFAULT_MS);
  });

  it("takes a ban end in the past for missing", () => {
    expect(silentMs(418, null, "banned until 1615183669840")).toBe(BAN_DEFAULT_MS);
  });

  it("never believes in more than the longest ban", () => {
    expect(silentMs(429, "99999999999")).toBe(LONGEST_SILENCE_MS);
    expect(silentMs(418, null, "banned until 9999999999999999")).toBe(LONGEST_SILENCE_MS);
  });

  it("after a firewall block is back well within ten minutes, whatever the header says", () => {
    expect(silentMs(403, "86400", "<html>")).toBe(BLOCKED_MS);
    expect(BLOCKED_MS + SILENCE_JITTER_MS).toBeLessThan(600_000);
  });

  it("adds a bounded jitter", () => {
    expect(silentMs(429, "7", "", { random: 0.999999 })).toBe(7_000 + SILENCE_JITTER_MS);
    expect(silentMs(429, "7", "", { random: 0.25 })).toBe(7_000 + SILENCE_JITTER_MS / 4);
  });
});

describe("refusalIn", () => {
  it("finds refusals among answers", () => {
    expect(refusalIn({ status: 418, retryAfter: "3", text: "x" })).toEqual({ status: 418, retryAfter: "3", text: "x" });
    for (const status of [200, 400, 404, 500, 503]) {
      expect(refusalIn({ status, retryAfter: "3", text: "" })).toBeUndefined();
    }
  });
});
