/**
 * The request weight of one address in wall-clock minutes, and what happens to those who go on when it is used up: 429,
 * then 418 with a ban that doubles with each offence. Spec: binance-protocol §4.2.
 */
import type { RestSettings } from "../settings.js";

const MINUTE_MS = 60_000;

export type WeightVerdict =
  | { readonly verdict: "allowed"; readonly used: number }
  | { readonly verdict: "limited"; readonly used: number; readonly untilMs: number }
  | { readonly verdict: "banned"; readonly used: number; readonly untilMs: number };

type MeterSettings = Pick<
  RestSettings,
  "weightPerMinute" | "requestsOverLimitBeforeBan" | "firstBanMs" | "longestBanMs"
>;

export class WeightMeter {
  readonly #settings: MeterSettings;
  #minuteMs = Number.NEGATIVE_INFINITY;
  #used = 0;
  #overLimit = 0;
  #bans = 0;
  #bannedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(settings: MeterSettings) {
    this.#settings = settings;
  }

  /**
   * Charges a request.
   * @param othersWeight what others behind the same address use in every minute.
   */
  charge(nowMs: number, weight: number, othersWeight = 0): WeightVerdict {
    this.#turnMinute(nowMs);
    if (nowMs < this.#bannedUntilMs) {
      return { verdict: "banned", used: this.#used + othersWeight, untilMs: this.#bannedUntilMs };
    }
    this.#used += weight;
    const used = this.#used + othersWeight;
    if (used <= this.#settings.weightPerMinute) return { verdict: "allowed", used };
    this.#overLimit += 1;
    if (this.#overLimit > this.#settings.requestsOverLimitBeforeBan) {
      return { verdict: "banned", used, untilMs: this.#ban(nowMs) };
    }
    return { verdict: "limited", used, untilMs: this.#minuteMs + MINUTE_MS };
  }

  /** Adds weight that someone else used in the current minute. */
  spend(nowMs: number, weight: number): void {
    this.#turnMinute(nowMs);
    this.#used += weight;
  }

  /** Weight used in the current minute. */
  used(nowMs: number): number {
    this.#turnMinute(nowMs);
    return this.#used;
  }

  bannedUntil(nowMs: number): number | undefined {
    return nowMs < this.#bannedUntilMs ? this.#bannedUntilMs : undefined;
  }

  #ban(nowMs: number): number {
    const lengthMs = Math.min(this.#settings.firstBanMs * 2 ** this.#bans, this.#settings.longestBanMs);
    this.#bans += 1;
    this.#overLimit = 0;
    this.#bannedUntilMs = Math.ceil(nowMs + lengthMs);
    return this.#bannedUntilMs;
  }

  #turnMinute(nowMs: number): void {
    const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    if (minuteMs === this.#minuteMs) return;
    this.#minuteMs = minuteMs;
    this.#used = 0;
    this.#overLimit = 0;
  }
}
