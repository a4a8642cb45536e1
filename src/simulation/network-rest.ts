/** REST requests over the simulated network. */
import type { HttpResponse } from "../exchange/binance/http-fetch.js";
import type { RestResponse } from "../sim/rest/rest-server.js";
import { arrive, latency, type Route } from "./network.js";

/** Sends a GET; never settles when the answer, or whoever waits for it, is lost without a word. */
export function fetchOver(route: Route, target: string, signal: AbortSignal): Promise<HttpResponse> {
  const { clock, core, weather, chance, peer, witness, life } = route;
  return new Promise((resolve, reject) => {
    const fail = (code: string): void => {
      if (peer.isAlive()) reject(Object.assign(new Error(code), { code }));
    };
    signal.addEventListener("abort", () => fail("ABORTED"), { once: true });
    const answered = (response: RestResponse): void => {
      arrive(route, latency(route), () => {
        if (weather.blackHole || !peer.isAlive()) return;
        if (chance.happens(weather.lostAnswers)) {
          fail("ECONNRESET");
          return;
        }
        const retryAfter = response.headers["Retry-After"];
        const retryAfterS = retryAfter === undefined ? undefined : Number(retryAfter);
        witness.refusalDelivered(core.market, life, { status: response.status, retryAfterS, kind: "rest" });
        resolve(httpResponse(response));
      });
    };
    clock.setTimeout(() => {
      if (weather.blackHole) return;
      if (weather.offline) arrive(route, 0, () => fail("ECONNREFUSED"));
      else core.rest.ask({ method: "GET", target }, answered);
    }, latency(route));
  });
}

function httpResponse({ status, headers, body }: RestResponse): HttpResponse {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  return { status, headers: { get: (name) => byName.get(name.toLowerCase()) ?? null }, body: inOnePiece(body) };
}

async function* inOnePiece(body: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body);
}
