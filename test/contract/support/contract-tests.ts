/** The tests that follow from the contract of a route. */
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import type { HttpAnswer } from "../../http/request.js";
import {
  ask,
  type ErrorCase,
  goodRequest,
  placedMembers,
  placeOf,
  queryOf,
  type RouteContract,
  replaced,
  required,
  routeOf,
} from "./contract.js";
import { Daemons } from "./daemons.js";
import { describedCall } from "./described.js";
import { storeSeries } from "./fixture.js";
import { rightValues, type Wrong, wrongValues } from "./member.js";
import { emptyLists } from "./shape.js";

const ORIGIN = "http://localhost:5173";

/** Tests each route against its table, on daemons that the file shares. */
export function testContracts(contracts: readonly RouteContract[]): void {
  const daemons = new Daemons(storeSeries, "real");
  afterEach(() => void vi.restoreAllMocks());
  afterAll(() => daemons.stop());
  describe.each(contracts.map((contract) => [routeOf(contract), contract] as const))("%s", (_route, contract) => {
    testAnswers(contract, daemons);
    if (Object.keys(contract.members).length > 0) testMembers(contract, daemons);
    if (contract.method === "POST") testBody(contract, daemons);
    if (contract.gate !== "open") testGateOrder(contract, daemons);
    if (contract.errors.length > 0) testErrors(contract, daemons);
    testTransport(contract, daemons);
  });
}

function testAnswers(contract: RouteContract, daemons: Daemons): void {
  test("answers with exactly its members", async () => {
    const daemon = await daemons.open();
    const answers: unknown[] = [];
    for (const example of contract.examples) {
      const answer = await ask(daemon, contract, { ...(await goodRequest(daemon, contract)), ...example });
      expect(answer.status, `${JSON.stringify(example)}: ${answer.text}`).toBe(200);
      const text = contract.isText === true ? /^text\/plain\b/ : /^application\/json\b/;
      const type = contract.isStream === true ? /^text\/event-stream\b/ : text;
      expect(answer.headers["content-type"]).toMatch(type);
      const told: unknown = contract.isText === true ? answer.text : answer.json;
      expect(contract.answer(told, JSON.stringify(example))).toEqual([]);
      answers.push(told);
    }
    expect(answers).not.toEqual([]);
    expect(emptyLists(answers), "lists of which no example has an item").toEqual(contract.emptyHere ?? []);
  });
}

function testMembers(contract: RouteContract, daemons: Daemons): void {
  const place = placeOf(contract);
  const placed = placedMembers(contract.members);

  test("refuses what is missing, of the wrong kind or out of bounds, and says where", async () => {
    const daemon = await daemons.open();
    const base = await goodRequest(daemon, contract);
    for (const { path, member } of placed) {
      if (member.need === "required") {
        const answer = await ask(daemon, contract, replaced(base, path, undefined));
        expectProblem(answer, { given: undefined, type: "missing" }, [place, ...path]);
      }
      for (const wrong of wrongValues(member, place)) {
        const answer = await ask(daemon, contract, replaced(base, path, wrong.given));
        expectProblem(answer, wrong, [place, ...path]);
      }
    }
  });

  test("takes each bound, what is read leniently, and nothing where nothing is required", async () => {
    const daemon = await daemons.open();
    const base = await goodRequest(daemon, contract);
    for (const { path, member } of placed) {
      const given = [...rightValues(member, place), ...(member.need === "required" ? [] : [undefined])];
      for (const value of given) {
        const answer = await ask(daemon, contract, replaced(base, path, value));
        const what = `${path.join(".")}=${shown(value)}: ${answer.text.slice(0, 300)}`;
        // What the route itself has against a value is a text.
        expect(answer.json.detail, what).not.toBeInstanceOf(Array);
        expect(answer.status, what).not.toBe(500);
      }
    }
  });

  test("has its defaults", async () => {
    const daemon = await daemons.open();
    const base = await goodRequest(daemon, contract);
    for (const { path, member } of placed) {
      if (typeof member.need !== "object") continue;
      const [without, explicit] = [
        await ask(daemon, contract, base),
        await ask(daemon, contract, replaced(base, path, member.need.default)),
      ];
      expect([without.status, without.text], path.join(".")).toEqual([explicit.status, explicit.text]);
    }
  });

  test("does not mind members that it does not know", async () => {
    const daemon = await daemons.open();
    const base = await goodRequest(daemon, contract);
    const answer = await ask(daemon, contract, { ...base, colour: "red", "series-id": "" });
    expect(answer.status, answer.text).not.toBe(422);
  });

  if (place !== "query" || contract.members.series_id === undefined) return;
  test("takes the series id percent-encoded, in part or raw", async () => {
    const daemon = await daemons.open();
    const { series_id, ...others } = await goodRequest(daemon, contract);
    const series = String(series_id ?? contract.members.series_id?.sample);
    const spellings = [
      series,
      encodeURIComponent(series),
      series.replaceAll("/", "%2f"),
      series.replaceAll(":", "%3A"),
    ];
    const more = queryOf(others);
    const answers: string[] = [];
    for (const spelling of spellings)
      answers.push((await describedCall(daemon.url, `${contract.path}?series_id=${spelling}&${more}`)).text);
    if (series_id !== undefined) expect(answers[0]).toContain(series);
    expect(new Set(answers).size).toBe(1);
  });
}

/** What is wrong with a body as a whole. Spec: http-api §1.3. */
const WRONG_BODIES: readonly (readonly [body: string, problem: object])[] = [
  ["", { type: "missing", loc: ["body"], input: null }],
  ["null", { type: "missing", loc: ["body"], input: null }],
  ["{", { type: "json_invalid", loc: ["body", 1], input: {} }],
  ["[]", { type: "model_attributes_type", loc: ["body"] }],
  ['"x"', { type: "model_attributes_type", loc: ["body"] }],
];

function testBody(contract: RouteContract, daemons: Daemons): void {
  test("refuses a body that is none, is no JSON, or holds no members", async () => {
    const { url } = await daemons.open();
    for (const [body, problem] of WRONG_BODIES) {
      const answer = await describedCall(url, contract.path, { method: "POST", body });
      expect([answer.status, answer.json], body).toEqual([422, { detail: [expect.objectContaining(problem)] }]);
    }
  });
}

function testGateOrder(contract: RouteContract, daemons: Daemons): void {
  const { members, gate } = contract;
  if (gate === "open") return;
  const notFound = [404, { detail: "not_found" }];

  test("is not there while its gate is closed", async () => {
    const answer = await ask(await daemons.gated([]), contract, required(members));
    expect([answer.status, answer.json]).toEqual(notFound);
  });

  if (Object.keys(members).length === 0) return;
  test(`asks its gate ${gate.asked}`, async () => {
    const daemon = await daemons.gated([]);
    const [{ path = [], member } = {}] = placedMembers(members);
    const [wrong] = member === undefined ? [] : wrongValues(member, placeOf(contract));
    const answer = await ask(daemon, contract, replaced(required(members), path, wrong?.given));
    const broken = contract.method === "GET" ? [] : [await describedCall(daemon.url, contract.path, { body: "{" })];
    for (const one of [answer, ...broken]) {
      if (gate.asked === "before validation") expect([one.status, one.json]).toEqual(notFound);
      else expect(one.status).toBe(422);
    }
  });
}

function testErrors(contract: RouteContract, daemons: Daemons): void {
  test.each(contract.errors.map((error) => [nameOf(error), error] as const))("answers %s", async (_name, error) => {
    const daemon = await daemons.open(error.env);
    const values = { ...(await goodRequest(daemon, contract)), ...error.values };
    await error.arrange?.(daemon);
    const answer = await ask(daemon, contract, values);
    expect([answer.status, answer.json]).toEqual([error.status, { detail: error.filled ?? error.detail }]);
  });
}

function testTransport(contract: RouteContract, daemons: Daemons): void {
  test("is no other method's, and may be read from allowed origins, errors too", async () => {
    const daemon = await daemons.open();
    const headers = { origin: ORIGIN };
    const other = await describedCall(daemon.url, contract.path, { method: "DELETE", headers });
    expect([other.status, other.json]).toEqual([405, { detail: "Method Not Allowed" }]);
    expect(String(other.headers.allow).split(", ")).toContain(contract.method);
    const base = await goodRequest(daemon, contract);
    const answer = await ask(daemon, contract, base, { headers });
    const foreign = await ask(daemon, contract, base, { headers: { origin: "http://evil.test" } });
    for (const one of [other, answer]) expect(allowedOrigin(one)).toEqual([ORIGIN, "true", "Origin"]);
    expect([foreign.status, allowedOrigin(foreign)[0]]).toEqual([answer.status, undefined]);
  });
}

function allowedOrigin({ headers }: HttpAnswer): unknown[] {
  return [headers["access-control-allow-origin"], headers["access-control-allow-credentials"], headers.vary];
}

function expectProblem(answer: HttpAnswer, { given, type, ctx }: Wrong, loc: readonly string[]): void {
  const what = `${loc.join(".")}=${shown(given)}: ${answer.text.slice(0, 300)}`;
  expect(answer.status, what).toBe(422);
  expect(Object.keys(answer.json), what).toEqual(["detail"]);
  expect(answer.json.detail, what).toEqual([
    expect.objectContaining({ type, loc, msg: expect.any(String), ...(ctx === undefined ? {} : { ctx }) }),
  ]);
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? "nothing";
}

function nameOf({ status, detail, env = {}, values = {} }: ErrorCase): string {
  const where = [...Object.keys(env).map((name) => name.slice("TRADE_CANVAS_".length)), ...Object.keys(values)];
  return `${status} ${detail}${where.length === 0 ? "" : ` (${where.join(", ")})`}`;
}
