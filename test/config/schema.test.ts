import { describe, expect, expectTypeOf, it } from "vitest";
import type { ClockScale } from "../../src/clock/system-clock.js";
import { foreignAbility, WITHDRAWN_NAMES } from "../../src/config/other-names.js";
import { ALL_SETTINGS, SETTING_GROUPS, type Settings } from "../../src/config/schema.js";

describe("the schema", () => {
  it("names each variable once, in all groups together", () => {
    const names = SETTING_GROUPS.flatMap(({ settings }) => Object.values(settings)).map(({ env }) => env);
    expect(new Set(names).size).toBe(names.length);
    expect(ALL_SETTINGS.map(([, { env }]) => env)).toEqual(names);
  });

  it.each(ALL_SETTINGS)("keys %s by the name of its variable", (key, { env }) => {
    const words = env.slice("TRADE_CANVAS_".length).toLowerCase().split("_");
    expect(
      words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join(""),
    ).toBe(key);
  });

  it.each(ALL_SETTINGS)("says in one sentence what %s does", (_key, { effect, since }) => {
    expect(effect).toMatch(/^["`A-Z].*[^.]\.$/);
    expect(effect).not.toMatch(/[.!?] [A-Z]/);
    expect(effect.startsWith("No effect: ")).toBe(since === "accepted");
  });

  it("has no default below its own minimum, and none outside its choices", () => {
    for (const [, setting] of ALL_SETTINGS) {
      if ("min" in setting && typeof setting.min === "number")
        expect(setting.default).toBeGreaterThanOrEqual(setting.min);
      if (setting.kind === "choice") expect(setting.choices).toContain(setting.default);
    }
  });

  it("offers nothing that was withdrawn or that belongs to another program", () => {
    const names = ALL_SETTINGS.map(([, { env }]) => env);
    for (const withdrawn of Object.keys(WITHDRAWN_NAMES)) expect(names).not.toContain(withdrawn);
    expect(names.map(foreignAbility).filter((ability) => ability !== undefined)).toEqual([]);
  });

  it("describes both states of the five kill switches and of nothing else", () => {
    const switches = ALL_SETTINGS.filter(([, setting]) => setting.kind === "bool" && setting.states !== undefined);
    expect(switches.map(([key]) => key)).toEqual([
      "enableIngestPipelineV2",
      "enableIngestLoopGuardrail",
      "enableReadStrictMode",
      "enableReadImplicitRecompute",
      "enableIngestWsPipelinePublish",
    ]);
    expect(switches.map(([, setting]) => setting.default)).toEqual([false, false, false, false, false]);
  });

  it("gives each kind its type", () => {
    expectTypeOf<Settings["enableReadLedgerWarmup"]>().toEqualTypeOf<boolean>();
    expectTypeOf<Settings["marketStaleWindowCandles"]>().toEqualTypeOf<number>();
    expectTypeOf<Settings["binanceWsFlushS"]>().toEqualTypeOf<number>();
    expectTypeOf<Settings["port"]>().toEqualTypeOf<number>();
    expectTypeOf<Settings["marketAutoTailBackfillMaxCandles"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Settings["factorLogicVersion"]>().toEqualTypeOf<string>();
    expectTypeOf<Settings["dbPath"]>().toEqualTypeOf<string>();
    expectTypeOf<Settings["host"]>().toEqualTypeOf<string>();
    expectTypeOf<Settings["corsOrigins"]>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Settings["ingestRole"]>().toEqualTypeOf<"hybrid" | "ingest" | "read">();
    expectTypeOf<Settings["simClock"]>().toEqualTypeOf<ClockScale | undefined>();
  });
});
