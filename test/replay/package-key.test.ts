import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isPackageKey, packageKey } from "../../src/replay/package-key.js";

test("a key is the beginning of the hash of JSON with sorted names, no spaces and no escapes", () => {
  const fields = { window_size: 50, series_id: "binance:futures:币/USDT:1m", preload_offset: 0 };
  const canonical = '{"preload_offset":0,"series_id":"binance:futures:币/USDT:1m","window_size":50}';
  expect(packageKey(fields)).toBe(createHash("sha256").update(canonical).digest("hex").slice(0, 24));
});

test("the order of the fields does not matter, each of their values does", () => {
  const name = fc.stringMatching(/^[a-z_]{1,9}$/);
  const fields = fc.dictionary(name, fc.oneof(fc.integer(), fc.string()), { minKeys: 1 });
  fc.assert(
    fc.property(fields, (given) => {
      const key = packageKey(given);
      expect(packageKey(Object.fromEntries(Object.entries(given).reverse()))).toBe(key);
      for (const [member, value] of Object.entries(given)) {
        expect(packageKey({ ...given, [member]: `${value}+` })).not.toBe(key);
      }
    }),
    { numRuns: 50 },
  );
});

test("only what can be a key is one", () => {
  expect(isPackageKey(packageKey({}))).toBe(true);
  const others = ["", "0".repeat(23), "0".repeat(25), "A".repeat(24), `${"0".repeat(24)}\n`, "../".repeat(8)];
  expect(others.filter(isPackageKey)).toEqual([]);
});
