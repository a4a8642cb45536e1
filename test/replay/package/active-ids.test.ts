import fc from "fast-check";
import { expect, test } from "vitest";
import { ActiveIds } from "../../../src/replay/package/active-ids.js";

test("ids are in the order of a sort, and a change names what came and what went", () => {
  const ids = fc.uniqueArray(fc.string({ maxLength: 3, unit: "binary" }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 8 }), (bars) => {
      const active = new ActiveIds();
      let before: readonly string[] = [];
      for (const shown of bars) {
        const { added, removed } = active.update(new Set([...before, ...shown]), (id) => shown.includes(id));
        expect(added).toEqual(shown.filter((id) => !before.includes(id)).sort());
        expect(removed).toEqual(before.filter((id) => !shown.includes(id)).sort());
        expect(JSON.parse(active.json())).toEqual(JSON.parse(JSON.stringify([...shown].sort())));
        before = shown;
      }
    }),
  );
});
