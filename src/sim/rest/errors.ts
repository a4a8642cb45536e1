/** REST errors in the exchange's words. Spec: binance-protocol §3.5. */
import type { MarketKind } from "../settings.js";

/** A request that is answered with an error of the exchange. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const BAD_REQUEST = 400;

export const restErrors = {
  illegalCharacters: (parameter: string, pattern: string) =>
    new RestError(
      BAD_REQUEST,
      -1100,
      `Illegal characters found in parameter '${parameter}'; legal range is '${pattern}'.`,
    ),
  missing: (parameter: string) =>
    new RestError(BAD_REQUEST, -1102, `Mandatory parameter '${parameter}' was not sent, was empty/null, or malformed.`),
  unreadParameters: (read: number, sent: number) =>
    new RestError(
      BAD_REQUEST,
      -1104,
      `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`,
    ),
  invalidInterval: () => new RestError(BAD_REQUEST, -1120, "Invalid interval."),
  invalidSymbol: () => new RestError(BAD_REQUEST, -1121, "Invalid symbol."),
  invalidValue: (parameter: string) =>
    new RestError(BAD_REQUEST, -1130, `Data sent for parameter '${parameter}' is not valid.`),
  startAfterEnd: () => new RestError(BAD_REQUEST, -1023, "Start time is greater than end time."),
  noRoute: (method: string, path: string) => new RestError(404, -5000, `Path ${path}, Method ${method} is invalid`),
  retiredRoute: (method: string, path: string) =>
    new RestError(410, -5000, `Path ${path}, Method ${method} is invalid`),
};

export interface ErrorBody {
  readonly contentType: string;
  readonly body: string;
}

export interface RefusalFacts {
  readonly market: MarketKind;
  readonly weightPerMinute: number;
  /** Named in the text of a 418; undefined: the text names no time. */
  readonly bannedUntilMs?: number;
}

/** The body of an error status that is not about the request itself. */
export function refusalBody(status: number, facts: RefusalFacts): ErrorBody {
  switch (status) {
    case 403:
      return html("403 Forbidden");
    case 418:
      return json(-1003, banText(facts));
    case 429:
      return json(
        -1003,
        `Too much request weight used; current limit is ${facts.weightPerMinute} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      );
    case 451:
      return json(
        0,
        "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error.",
      );
    case 502:
    case 504:
      return html(status === 502 ? "502 Bad Gateway" : "504 Gateway Time-out");
    case 503:
      return facts.market === "futures"
        ? json(-1000, "Unknown error, please check your request or try again later.")
        : json(-1008, "Server is currently overloaded with other requests. Please try again in a few minutes.");
    default:
      return json(-1000, "An unknown error occurred while processing the request.");
  }
}

export function json(code: number, message: string): ErrorBody {
  return { contentType: "application/json", body: JSON.stringify({ code, msg: message }) };
}

function html(title: string): ErrorBody {
  return { contentType: "text/html", body: `<html><head><title>${title}</title></head><body>${title}</body></html>` };
}

/** The end of the ban stands in the text in ms, unlike in Retry-After. */
function banText({ market, bannedUntilMs }: RefusalFacts): string {
  const until = bannedUntilMs === undefined ? "" : ` until ${bannedUntilMs}`;
  return market === "spot"
    ? `Way too much request weight used; IP banned${until}. Please use WebSocket Streams for live updates to avoid bans.`
    : `Way too many requests; IP(127.0.0.1) banned${until}. Please use the websocket for live updates to avoid bans.`;
}
