/** Whether the exchange can be reached, by REST and by stream, and how the machine's clock stands to its. */
import { errorText } from "../../actors/runtime/errors.js";
import type { Clock } from "../../clock/clock.js";
import type { Settings } from "../../config/schema.js";
import { fetchHttp, type HttpFetch } from "../../exchange/binance/http-fetch.js";
import { httpGet } from "../../exchange/binance/http-get.js";
import type { DialStream } from "../../exchange/binance/stream-socket.js";
import { type BinanceMarket, combinedStreamUrl, restUrl } from "../../exchange/binance/urls.js";
import { dialWebSocket } from "../../exchange/binance/web-socket.js";
import { VERSION } from "../../version.js";
import { type Finding, fail, ok, warn } from "./finding.js";

/** An answer that takes longer is none, in milliseconds. */
const ANSWER_LIMIT_MS = 5_000;

/** An offset of the clocks that is to be looked at, and one with which logs and file times are useless, in milliseconds. */
export const OFFSET_WARN_MS = 1_000;
export const OFFSET_FAIL_MS = 60_000;

const MAX_ANSWER_BYTES = 64 * 1024;

/** What stands in for the network. */
export interface DoctorNetwork {
  readonly fetch: HttpFetch;
  readonly dial: DialStream;
}

export const REAL_NETWORK: DoctorNetwork = { fetch: fetchHttp, dial: dialWebSocket };

const NETWORK_REMEDY =
  "check network, DNS, proxy and firewall; the daemon serves what it has until the exchange answers";

/** One question to each REST base, one handshake with each stream base. */
export async function exchangeFindings(
  settings: Settings,
  clock: Clock,
  network: DoctorNetwork,
): Promise<readonly Finding[]> {
  const found = await Promise.all([
    restFindings("spot", settings.binanceSpotBaseUrl, clock, network),
    restFindings("futures", settings.binanceFuturesBaseUrl, clock, network),
    streamFinding("spot", settings.binanceSpotWsUrl, clock, network).then((finding) => [finding]),
    streamFinding("futures", settings.binanceFuturesWsUrl, clock, network).then((finding) => [finding]),
  ]);
  return found.flat();
}

async function restFindings(
  market: BinanceMarket,
  base: string,
  clock: Clock,
  { fetch }: DoctorNetwork,
): Promise<readonly Finding[]> {
  const what = `${market} REST`;
  try {
    const url = restUrl(base, market, "time");
    const { signal } = new AbortController();
    const limits = { timeoutMs: ANSWER_LIMIT_MS, maxBodyBytes: MAX_ANSWER_BYTES };
    const answer = await httpGet({ url, userAgent: `trade-canvas/${VERSION}`, clock, signal, fetch, ...limits });
    if (answer.status !== 200) return [refused(what, base, answer.status)];
    const { serverTime } = JSON.parse(answer.text) as { readonly serverTime?: unknown };
    if (typeof serverTime !== "number") throw new Error("the answer names no time");
    const tookMs = answer.receivedMonotonicMs - answer.sentMonotonicMs;
    const halfwayMs = clock.now() - (clock.monotonic() - answer.receivedMonotonicMs) - tookMs / 2;
    return [
      ok(what, `${base} answers in ${Math.round(tookMs)} ms`),
      clockFinding(market, serverTime - halfwayMs, tookMs / 2),
    ];
  } catch (error) {
    return [fail(what, `${base} does not answer: ${errorText(error)}`, NETWORK_REMEDY)];
  }
}

function refused(what: string, base: string, status: number): Finding {
  const text = `${base} answers ${status}`;
  if (status === 451 || status === 403) {
    return fail(what, text, "the exchange does not serve this address or place; use another base or network");
  }
  if (status === 429 || status === 418)
    return warn(what, text, "wait: the address has asked too much; see the runbook");
  return status >= 500 ? warn(what, text, "wait") : fail(what, text, "correct the base address in the settings");
}

function clockFinding(market: BinanceMarket, offsetMs: number, uncertaintyMs: number): Finding {
  const what = `${market} clock`;
  const text = `the exchange is ${Math.round(offsetMs)} ms ahead of this machine, give or take ${Math.round(uncertaintyMs)} ms`;
  const beyondMs = Math.abs(offsetMs) - uncertaintyMs;
  const remedy = "have the clock kept by NTP (timedatectl set-ntp true)";
  if (beyondMs > OFFSET_FAIL_MS) return fail(what, text, remedy);
  return beyondMs > OFFSET_WARN_MS ? warn(what, text, remedy) : ok(what, text);
}

function streamFinding(market: BinanceMarket, base: string, clock: Clock, { dial }: DoctorNetwork): Promise<Finding> {
  const what = `${market} stream`;
  return new Promise((resolve) => {
    let why = "no answer in time";
    const end = (finding: Finding): void => {
      clock.clearTimeout(limit);
      resolve(finding);
    };
    const lost = (): Finding => fail(what, `${base} does not answer: ${why}`, NETWORK_REMEDY);
    const limit = clock.ioTimeout(() => {
      socket?.terminate();
      end(lost());
    }, ANSWER_LIMIT_MS);
    let socket: ReturnType<DialStream> | undefined;
    try {
      socket = dial(combinedStreamUrl(base, market), {
        onOpen: () => {
          socket?.terminate();
          end(ok(what, `${base} takes a connection`));
        },
        onRefused: (status) => end(refused(what, base, status)),
        onError: (message) => {
          why = message;
        },
        onClose: () => end(lost()),
        onMessage: () => undefined,
        onPing: () => undefined,
        onPong: () => undefined,
      });
    } catch (error) {
      end(fail(what, errorText(error), "correct the base address in the settings"));
    }
  });
}
