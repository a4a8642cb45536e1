import fc from "fast-check";
import { expect, it } from "vitest";
import { nearestName } from "../../src/config/near-miss.js";

it.each([
  ["HOTS", ["HOST", "PORT"], "HOST"],
  ["LOGLEVEL", ["LOG_LEVEL"], "LOG_LEVEL"],
  ["LOG_LEVELS", ["LOG_LEVEL"], "LOG_LEVEL"],
  ["DB_PAHT", ["WHITELIST_PATH", "DB_PATH"], "DB_PATH"],
  ["AAAA", ["AAABBBB", "AAAABB"], "AAAABB"],
  ["AB", ["AC", "AD"], "AC"],
  ["AAAA", ["BBBB"], undefined],
  ["A", ["ABCDE"], undefined],
  ["A", [], undefined],
])("%s among %j is probably %s", (name, known, expected) => {
  expect(nearestName(name, known)).toBe(expected);
});

it("finds a name again after one to three edits", () => {
  const name = "TRADE_CANVAS_ENABLE_DEBUG_API";
  const edit = fc.record({ at: fc.nat(name.length - 4), drop: fc.nat(1), insert: fc.constantFrom("", "X") });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 1 }), fc.nat(1), (edits, suffix) => {
      let text = name;
      for (const { at, drop, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + drop);
      expect(nearestName(text + "S".repeat(suffix), [name, "TRADE_CANVAS_PORT"])).toBe(name);
    }),
  );
});
