import fc from "fast-check";
import { expect, test } from "vitest";
import { PackedColumns } from "../../src/factors/packed-columns.js";

const prices = fc
  .tuple(fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), fc.nat({ max: 10 }))
  .map(([n, d]) => n / 10 ** d);
const numbers = fc.oneof(
  fc.integer({ min: -3, max: 300 }),
  prices,
  fc.constantFrom(0, -0, -1, 255, 256, 32_767, 32_768, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 1.7e9, 2 ** 53, 1e-9),
  fc.double({ noNaN: true }),
);
/** Columns of one kind of number each, or of all kinds. */
const tables = fc
  .record({
    rows: fc.nat({ max: 9 }),
    kinds: fc.array(fc.constantFrom(fc.nat({ max: 255 }), prices, numbers), { maxLength: 7 }),
  })
  .chain(({ rows, kinds }) => fc.tuple(...kinds.map((kind) => fc.array(kind, { minLength: rows, maxLength: rows }))));

test("gives every number back, to the last bit", () => {
  fc.assert(
    fc.property(tables, (columns) => {
      const unpacked = new PackedColumns(columns).unpack().map((column) => [...column]);
      expect(unpacked).toEqual(columns);
    }),
    { numRuns: 500 },
  );
});
