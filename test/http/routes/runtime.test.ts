/** The actor tree over HTTP, and the events of its changes. */
import { expect, test } from "vitest";
import type { TreeNode } from "../../../src/actors/runtime/tree-view.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { debugEvents } from "../debug-events.js";
import { call, ingest } from "../request.js";

const PATH = "/api/runtime/tree";
const ONE = "binance:futures:BTC/USDT:1m";
const OTHER = "binance:spot:ETH/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };

async function tree({ url }: TestDaemon, series?: string): Promise<TreeNode> {
  const query = series === undefined ? "" : `?series_id=${encodeURIComponent(series)}`;
  const answer = await call(url, PATH + query);
  expect(answer.status, answer.text).toBe(200);
  return answer.json.root as TreeNode;
}

/** The names of a tree with those below each. */
const names = ({ name, children }: TreeNode): unknown =>
  children.length === 0 ? name : { [name]: children.map(names) };

const ACTORS = ["ingest", "factor", "overlay", "publisher"];

test("the tree shows markets, series and their actors, each with its life", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  for (const series of [ONE, OTHER]) await ingest(daemon.url, series, 60);
  const root = await tree(daemon);
  expect(names(root)).toEqual({
    runtime: ["exchange/spot", "exchange/futures", { series: [{ [ONE]: ACTORS }, { [OTHER]: ACTORS }] }],
  });
  expect(root).toMatchObject({ kind: "supervisor", state: "running", starts: 1, crashes: 0, mailbox: null });
  const [market, , all] = root.children;
  expect(market).toEqual({
    name: "exchange/spot",
    kind: "actor",
    state: "running",
    since_ms: 1_700_000_400_000,
    starts: 1,
    crashes: 0,
    last_error: null,
    mailbox: null,
    children: [],
  });
  expect(all?.children[0]?.children[0]).toMatchObject({
    kind: "actor",
    state: "running",
    mailbox: { waiting: 0, bound: 1_024, refused: 0 },
  });
});

test("of one series the branch that ends in it is told; of one without actors none", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  for (const series of [ONE, OTHER]) await ingest(daemon.url, series, 60);
  expect(names(await tree(daemon, OTHER))).toEqual({ runtime: [{ series: [{ [OTHER]: ACTORS }] }] });
  expect(names(await tree(daemon, "binance:spot:NONE/USDT:1m"))).toEqual({ runtime: ["series"] });
});

test("a crash is counted in the tree, and it and the restart are events with the path; ordinary starts are none", async () => {
  let crashes = 0;
  const daemon = await startTestDaemon({
    env: OPEN,
    parts: {
      sinkFor: (topic) => ({
        publish: (content) => {
          crashes += 1;
          if (crashes === 1) throw new Error("no sink");
          return topic.publish(content);
        },
      }),
    },
  });
  await ingest(daemon.url, ONE, 60);
  const publisher = async () => (await tree(daemon, ONE)).children[0]?.children[0]?.children[3];
  await untilTrue("the restart", async () => (await publisher())?.starts === 2);
  expect(await publisher()).toMatchObject({ name: "publisher", state: "running", crashes: 1, last_error: "no sink" });
  const path = `runtime/series/${ONE}/publisher`;
  const moves = (await debugEvents(daemon)).filter(
    ({ event, data }) => event === "runtime.child_moved" && data?.path === path,
  );
  expect(moves.map(({ level, series_id, data }) => [data?.from, data?.to, data?.last_error, level, series_id])).toEqual(
    [
      ["running", "crashed", "no sink", "warn", ONE],
      ["crashed", "starting", null, "info", ONE],
    ],
  );
});

test("a series id that cannot be parsed is told so, and the route is closed by default", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  expect((await call(daemon.url, `${PATH}?series_id=BTC`)).status).toBe(400);
  const closed = await startTestDaemon();
  const answer = await call(closed.url, PATH);
  expect([answer.status, answer.json]).toEqual([404, { detail: "not_found" }]);
});
