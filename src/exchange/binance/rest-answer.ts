/** From an HTTP answer to its JSON, or to the error that it is. Spec: binance-protocol §3.5, F29. */
import type { HttpAnswer } from "./http-get.js";
import { RestError, type RestErrorCode } from "./rest-errors.js";
import { isJsonObject, wholeNumber } from "./wire-values.js";

/** Longest part of a body that an error quotes, in characters. */
const LONGEST_QUOTE_CHARS = 160;

const CODE_OF_STATUS: Readonly<Record<number, RestErrorCode>> = {
  403: "blocked",
  404: "route_gone",
  408: "server_error",
  410: "route_gone",
  418: "banned",
  429: "rate_limited",
  451: "restricted",
};

const CODE_OF_EXCHANGE_CODE: Readonly<Record<number, RestErrorCode>> = {
  [-1120]: "invalid_interval",
  [-1121]: "invalid_symbol",
};

/**
 * The JSON of a successful answer.
 * @param silenceLeftMs how long a refusal keeps REST silent; becomes the error's `retryAfterMs`.
 * @throws RestError for every other status, and `malformed_body` for a success that is not JSON.
 */
export function decodeAnswer(answer: HttpAnswer, silenceLeftMs: number): unknown {
  const { status, contentType, text } = answer;
  if (status < 200 || status > 299) throw errorOf(answer, silenceLeftMs);
  if (contentType !== null && !/\bjson\b/i.test(contentType)) {
    throw new RestError("malformed_body", `content type is '${contentType}': ${quote(text)}`, { status });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RestError("malformed_body", `body is not JSON: ${quote(text)}`, { status, cause });
  }
}

function errorOf({ status, text }: HttpAnswer, silenceLeftMs: number): RestError {
  const exchangeCode = exchangeCodeIn(text);
  const code =
    CODE_OF_STATUS[status] ??
    (exchangeCode === undefined ? undefined : CODE_OF_EXCHANGE_CODE[exchangeCode]) ??
    codeOfStatusClass(status);
  return new RestError(code, `HTTP ${status}: ${quote(text)}`, {
    status,
    ...(exchangeCode === undefined ? {} : { exchangeCode }),
    ...(silenceLeftMs > 0 ? { retryAfterMs: silenceLeftMs } : {}),
  });
}

function codeOfStatusClass(status: number): RestErrorCode {
  if (status >= 500) return "server_error";
  return status >= 400 ? "bad_request" : "redirected";
}

/** Bodies of errors are JSON `{code, msg}`, or HTML from whatever stands in front of the exchange. */
function exchangeCodeIn(text: string): number | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? wholeNumber(json.code) : undefined;
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  return text === "" ? "(empty)" : text.slice(0, LONGEST_QUOTE_CHARS);
}
