/** Which settings open which route: each route is asked under every combination of settings that could matter. */
import { afterAll, describe, expect, test } from "vitest";
import { call } from "../../http/request.js";
import { GATE_SETTINGS } from "../tables/index.js";
import { ask, goodRequest, type RouteContract, required, routeOf } from "./contract.js";
import { Daemons } from "./daemons.js";

function opensOf({ gate }: RouteContract): readonly (readonly string[])[] {
  return gate === "open" ? [] : gate.opens;
}

/** None, each alone, what opens a route, what almost does, and all. */
function combinations(contracts: readonly RouteContract[]): readonly (readonly string[])[] {
  const opens = contracts.flatMap(opensOf);
  const almost = opens.flatMap((list) => list.map((left) => list.filter((name) => name !== left)));
  const lists = [[], ...GATE_SETTINGS.map((name) => [name]), ...opens, ...almost, GATE_SETTINGS].map((list) =>
    [...list].sort(),
  );
  return [...new Map(lists.map((list) => [list.join(), list])).values()];
}

/** Tests each route under each combination, on daemons that are started for it. */
export function testGates(contracts: readonly RouteContract[]): void {
  const daemons = new Daemons(async () => undefined);
  afterAll(() => daemons.stop());

  describe("with open gates", () => {
    test.each(combinations(contracts).map((on) => [on.join(" + ") || "nothing", on] as const))(
      "%s",
      async (_name, on) => {
        const daemon = await daemons.gated(on);
        for (const contract of contracts) {
          const { gate } = contract;
          const isOpen = gate === "open" || gate.opens.some((list) => list.every((name) => on.includes(name)));
          const values = isOpen ? await goodRequest(daemon, contract) : required(contract.members);
          const answer = await ask(daemon, contract, values);
          const isClosed = answer.status === 404 && answer.text === '{"detail":"not_found"}';
          expect(!isClosed, `${routeOf(contract)}: ${answer.text.slice(0, 200)}`).toBe(isOpen);
        }
      },
    );
  });

  test("what was removed or is out of scope is an unknown path, whatever is open", async () => {
    const { url } = await daemons.open();
    for (const path of NOT_HERE) {
      for (const method of ["GET", "POST"]) {
        const answer = await call(url, path, { method, body: method === "GET" ? undefined : {} });
        expect([answer.status, answer.json], `${method} ${path}`).toEqual([404, { detail: "Not Found" }]);
      }
    }
  });
}

/** Spec: http-api §6, §10. */
const NOT_HERE = [
  ...["/api/plot/delta", "/api/overlay/delta", "/api/backtest/strategies", "/api/backtest/pair_timeframes"],
  ...["/api/backtest/run", "/api/dev/worktrees", "/api/dev/worktrees/1", "/api/dev/ports/allocate"],
];
