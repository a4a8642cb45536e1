/** The REST side of a simulated market: limits, routes, answers, and the faults of all three. Spec: binance-protocol §4. */
import type { RequestListener } from "node:http";
import type { RestEffect } from "../faults/definition.js";
import type { Journal } from "../journal.js";
import { type ErrorBody, json, RestError, refusalBody } from "./errors.js";
import type { Query } from "./query.js";
import type { RestWorld } from "./rest-world.js";
import { answerRoute, findRoute, type RestRoute } from "./routes.js";
import { WeightMeter, type WeightVerdict } from "./weight-meter.js";

/** Weight of what has no route (assumed). */
const UNKNOWN_ROUTE_WEIGHT = 1;

interface Answer extends ErrorBody {
  readonly status: number;
  readonly retryAfterS?: number;
}

/** A request as it comes from whatever carries it. */
export interface RestRequest {
  readonly method: string;
  /** Path and query, `/api/v3/time`. */
  readonly target: string;
  /** The header `X-MBX-TIME-UNIT`, if any. */
  readonly timeUnit?: string | undefined;
}

/** An answer as it goes to whatever carries it. */
export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly params: Query;
  readonly microseconds: boolean;
  readonly reply: (response: RestResponse) => void;
}

export class RestServer {
  readonly #world: RestWorld;
  readonly #journal: Journal;
  readonly #meter: WeightMeter;

  constructor(world: RestWorld, journal: Journal) {
    this.#world = world;
    this.#journal = journal;
    this.#meter = new WeightMeter(world.settings);
  }

  /** End of the ban of the client's address, ms; undefined when it is not banned. */
  bannedUntil(): number | undefined {
    return this.#meter.bannedUntil(this.#world.agenda.now());
  }

  /** Uses up weight of the current minute in somebody else's name. */
  spendWeight(weight: number): void {
    this.#meter.spend(this.#world.agenda.now(), weight);
  }

  /** Answers a request, now or later; one that is left unanswered is never replied to. */
  ask({ method, target, timeUnit = "" }: RestRequest, reply: (response: RestResponse) => void): void {
    const [path = "", query = ""] = target.split("?", 2);
    const params = Object.fromEntries(new URLSearchParams(query));
    const microseconds = this.#world.market === "spot" && timeUnit.toUpperCase() === "MICROSECOND";
    const call: Call = { method, path, params, microseconds, reply };
    const symbol = params.symbol;
    const effect = this.#world.faults.first("rest", symbol === undefined ? {} : { symbol }, { path, params });
    if (effect?.effect === "delay") {
      this.#world.agenda.after(effect.delayMs, () => this.#process(call, undefined));
    } else {
      this.#process(call, effect);
    }
  }

  #process(call: Call, effect: Exclude<RestEffect, { effect: "delay" }> | undefined): void {
    const { agenda, faults } = this.#world;
    const route = findRoute(this.#world.market, call.method, call.path);
    const weight = route instanceof RestError ? UNKNOWN_ROUTE_WEIGHT : route.weight(this.#world, call.params);
    const verdict = this.#meter.charge(agenda.now(), weight, faults.first("foreignWeight", {}) ?? 0);
    if (effect?.effect === "hang") {
      this.#note(call, undefined, weight, verdict.used);
      return;
    }
    const answer = this.#answer(call, route, verdict, effect);
    this.#note(call, answer.status, weight, verdict.used);
    call.reply(this.#response(answer, verdict.used));
  }

  #answer(
    call: Call,
    route: RestRoute | RestError,
    verdict: WeightVerdict,
    effect: Exclude<RestEffect, { effect: "delay" | "hang" }> | undefined,
  ): Answer {
    if (effect?.effect === "answer") return effect;
    if (effect?.effect === "refuse") return this.#refusal(effect.status, effect.retryAfterS, effect.bannedUntilMs);
    if (verdict.verdict !== "allowed") return this.#overLimit(verdict);
    const answer = this.#routeAnswer(call, route);
    if (effect?.effect === "truncate") return { ...answer, body: answer.body.slice(0, answer.body.length >> 1) };
    return effect === undefined ? answer : { ...answer, contentType: effect.contentType };
  }

  #overLimit(verdict: Exclude<WeightVerdict, { verdict: "allowed" }>): Answer {
    const { agenda, settings } = this.#world;
    const waitS = Math.max(1, Math.ceil((verdict.untilMs - agenda.now()) / 1000));
    if (verdict.verdict === "limited") return this.#refusal(429, waitS);
    const { header, text } = settings.banTimeIn;
    return this.#refusal(418, header ? waitS : undefined, text ? verdict.untilMs : undefined);
  }

  #refusal(status: number, retryAfterS?: number, bannedUntilMs?: number): Answer {
    const { market, settings } = this.#world;
    const { weightPerMinute } = settings;
    const facts = { market, weightPerMinute, ...(bannedUntilMs === undefined ? {} : { bannedUntilMs }) };
    const body = refusalBody(status, facts);
    return { status, ...body, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  }

  #routeAnswer({ params, microseconds }: Call, route: RestRoute | RestError): Answer {
    try {
      if (route instanceof RestError) throw route;
      const body = JSON.stringify(answerRoute(this.#world, route, params, microseconds));
      return { status: 200, contentType: "application/json", body };
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return { status: error.status, ...json(error.code, error.message) };
    }
  }

  #response({ status, contentType, body, retryAfterS }: Answer, usedWeight: number): RestResponse {
    const isSpot = this.#world.market === "spot";
    const isSpotJson = isSpot && contentType === "application/json";
    const headers = {
      "Content-Type": isSpotJson ? "application/json;charset=UTF-8" : contentType,
      ...(isSpot ? { "x-mbx-used-weight": usedWeight } : {}),
      "x-mbx-used-weight-1m": usedWeight,
      ...(retryAfterS === undefined ? {} : { "Retry-After": retryAfterS }),
    };
    return { status, headers, body };
  }

  #note({ method, path, params }: Call, status: number | undefined, weight: number, usedWeight: number): void {
    this.#journal.note("rest", { method, path, params, status, weight, usedWeight });
  }
}

/** Serves REST over real connections. */
export function serveHttp(rest: RestServer): RequestListener {
  return (request, response) => {
    request.resume();
    const timeUnit = String(request.headers["x-mbx-time-unit"] ?? "");
    rest.ask({ method: request.method ?? "", target: request.url ?? "", timeUnit }, ({ status, headers, body }) => {
      response.writeHead(status, headers).end(body);
    });
  };
}
