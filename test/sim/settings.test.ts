import { describe, expect, it } from "vitest";
import { PRODUCTION_SETTINGS, resolveSettings } from "../../src/sim/settings.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe("production's numbers", () => {
  it("of spot", () => {
    expect(PRODUCTION_SETTINGS.spot).toMatchObject({
      stream: { updateCadenceMs: 2 * SECOND, finalDelayMinMs: 200, finalDelayMaxMs: 2_100 },
      connection: {
        pingPeriodMs: 20 * SECOND,
        pongDeadlineMs: MINUTE,
        framesPerSecond: 5,
        streamsPerConnection: 1_024,
        attemptLimit: 300,
        attemptWindowMs: 5 * MINUTE,
        lifeMs: 24 * 60 * MINUTE,
        invalidJsonDisconnects: false,
      },
      rest: { weightPerMinute: 6_000, klinesDefaultLimit: 500, klinesMaxLimit: 1_000, firstBanMs: 2 * MINUTE },
    });
  });

  it("of futures", () => {
    expect(PRODUCTION_SETTINGS.futures).toMatchObject({
      stream: { updateCadenceMs: 250 },
      connection: {
        pingPeriodMs: 3 * MINUTE,
        pongDeadlineMs: 10 * MINUTE,
        framesPerSecond: 10,
        streamsPerConnection: 1_024,
        shutdownNoticeMs: undefined,
        invalidJsonDisconnects: true,
      },
      rest: { weightPerMinute: 2_400, klinesMaxLimit: 1_500, longestBanMs: 3 * 24 * 60 * MINUTE },
    });
  });
});

describe("changed settings", () => {
  it("change what they name and nothing else", () => {
    const changed = resolveSettings("spot", { clockOffsetMs: 5, rest: { lagMs: 9 } });
    expect(changed).toEqual({
      ...PRODUCTION_SETTINGS.spot,
      clockOffsetMs: 5,
      rest: { ...PRODUCTION_SETTINGS.spot.rest, lagMs: 9 },
    });
    expect(resolveSettings("futures")).toEqual(PRODUCTION_SETTINGS.futures);
  });

  it("may take away the shutdown notice", () => {
    const { connection } = resolveSettings("spot", { connection: { shutdownNoticeMs: undefined } });
    expect(connection.shutdownNoticeMs).toBeUndefined();
  });
});
