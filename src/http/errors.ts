/** Every error that HTTP answers with, in one table. `code` is for logs and tests, never on the wire. Spec: http-api §1.2, §11. */

export interface HttpErrorKind {
  readonly status: number;
  /** The `detail` of the body; `{…}` is filled in. */
  readonly detail: string;
  readonly meaning: string;
}

export const HTTP_ERRORS = {
  "http.unknown_path": { status: 404, detail: "Not Found", meaning: "No route has this path." },
  "http.wrong_method": {
    status: 405,
    detail: "Method Not Allowed",
    meaning: "The path exists with other methods; `allow` names them.",
  },
  "http.gate_closed": { status: 404, detail: "not_found", meaning: "The route is switched off by a setting." },
  "http.invalid_request": { status: 422, detail: "[…]", meaning: "A list with one item per problem." },
  "http.body_too_large": {
    status: 413,
    detail: "body_too_large",
    meaning: "The body exceeds 16 MiB; send less at a time.",
  },
  "http.malformed_request": {
    status: 400,
    detail: "malformed_request",
    meaning: "The bytes are no HTTP request, the path is not properly percent-encoded, or the body broke off.",
  },
  "http.headers_too_large": {
    status: 431,
    detail: "headers_too_large",
    meaning: "The request line and headers exceed 16 KiB, or there are more than 100 headers.",
  },
  "http.request_timeout": {
    status: 408,
    detail: "request_timeout",
    meaning: "The headers had not arrived after 10 s, or the whole request after 30 s.",
  },
  "http.token_required": {
    status: 401,
    detail: "token_required",
    meaning: "Access tokens are configured, and the request has none; send `authorization: Bearer <token>`.",
  },
  "http.token_unknown": {
    status: 401,
    detail: "token_unknown",
    meaning: "The token that was sent is none of those that are configured.",
  },
  "http.scope_missing": {
    status: 403,
    detail: "scope_missing:{scope}",
    meaning: "The token is not good for this route; `{scope}` is what it lacks.",
  },
  "http.foreign_host": {
    status: 403,
    detail: "foreign_host",
    meaning: "The daemon listens on loopback, and `host` is neither a name of loopback nor that of a CORS origin.",
  },
  "http.foreign_origin": {
    status: 403,
    detail: "foreign_origin",
    meaning: "A page that is neither the daemon's nor of a CORS origin would open a WebSocket or change something.",
  },
  "http.too_many_requests": {
    status: 429,
    detail: "too_many_requests",
    meaning:
      "The token, or without one the address, asks more often than it may; `retry-after` says when to ask again.",
  },
  "http.too_many_connections": {
    status: 503,
    detail: "too_many_connections",
    meaning: "There are as many connections as there may be, in all or of this address; end one, or try again later.",
  },
  "http.internal": {
    status: 500,
    detail: "Internal Server Error",
    meaning: "A fault of this program; it is in the log.",
  },
  "http.busy": {
    status: 503,
    detail: "busy",
    meaning: "The event loop is late and the feed goes first; `retry-after` says when to ask again.",
  },
  "http.too_many_streams": {
    status: 503,
    detail: "too_many_streams",
    meaning: "200 streams of events are open already; end one, or ask once in a while instead.",
  },
  "page.not_built": {
    status: 503,
    detail: "live_page_not_built: run npm run build",
    meaning: "The live page is not in `dist/web`; `npm run build` makes it, and the next request finds it.",
  },
  "http.not_ready": {
    status: 503,
    detail: "not_ready:{text}",
    meaning: "Parts of the process do not run; they are named with their states.",
  },
  "http.not_fresh": {
    status: 503,
    detail: "not_fresh:{text}",
    meaning: "Series of the whitelist are not fed as they should be; they are named with their states.",
  },
  "http.shutting_down": { status: 503, detail: "server_shutting_down", meaning: "The process is stopping." },
  "market.bad_series_id": {
    status: 400,
    detail: "{text}",
    meaning: "The series id cannot be parsed; `detail` says why.",
  },
  "market.unsupported_exchange": {
    status: 400,
    detail: "unsupported exchange",
    meaning: "There is one exchange, `binance`.",
  },
  "market.rate_limited": {
    status: 429,
    detail: "rate_limited",
    meaning: "`force` is let pass once in 2 s per client and market; ask again then, or without it.",
  },
  "market.upstream_failed": {
    status: 502,
    detail: "upstream_error:{text}",
    meaning: "The exchange could not be asked, and nothing is kept from before.",
  },
  "market.ingest_pipeline_failed": {
    status: 500,
    detail: "ingest_pipeline_failed:{step}:{series_id}",
    meaning: "A step of the write pipeline failed. After a ledger step the candle is stored unless compensation is on.",
  },
  "market.publish_failed": {
    status: 500,
    detail: "ingest_publish_failed:{series_id}",
    meaning: "The candle is stored, but could not be published.",
  },
  "market.ingest_busy": {
    status: 503,
    detail: "ingest_busy",
    meaning:
      "Too many runs of this series are waiting, or the series is being restarted; nothing was stored, try again.",
  },
  "market.too_many_series": {
    status: 503,
    detail: "too_many_series",
    meaning: "The limit of active series is reached; nothing was stored.",
  },
  "ledger.factor_out_of_sync": {
    status: 409,
    detail: "ledger_out_of_sync:factor",
    meaning:
      "The factor ledger lags behind the candle asked for; `/api/factor/health` says how far. Nothing was computed.",
  },
  "ledger.overlay_out_of_sync": {
    status: 409,
    detail: "ledger_out_of_sync:overlay",
    meaning: "The drawing lags behind the candle asked for.",
  },
  "ledger.overlay_mismatch": {
    status: 409,
    detail: "ledger_out_of_sync:overlay",
    meaning: "The drawing does not show what the factor slices say; `POST /api/dev/repair/overlay` makes it anew.",
  },
  "ledger.out_of_sync": {
    status: 409,
    detail: "ledger_out_of_sync",
    meaning: "Parts of a frame stand at different candles.",
  },
  "ledger.no_data": { status: 404, detail: "no_data", meaning: "No candle is stored at or before the time asked for." },
  "ledger.no_overlay": { status: 404, detail: "no_overlay", meaning: "Nothing of the series has been drawn." },
  "ledger.repair_failed": {
    status: 500,
    detail: "overlay_repair_failed:{text}",
    meaning: "The drawing could not be made anew; it is in the log.",
  },
  "feed.unknown_breaker": {
    status: 404,
    detail: "unknown_breaker",
    meaning: "There is no breaker of that kind and name; `GET /api/feed/breakers` lists them.",
  },
  "feed.bad_backfill": {
    status: 400,
    detail: "{text}",
    meaning: "The series or the range cannot be backfilled; `detail` says why, and what can.",
  },
  "feed.too_many_backfills": {
    status: 503,
    detail: "too_many_backfills",
    meaning: "100 backfills wait or run already, or the process is stopping; nothing was begun.",
  },
  "market.too_many_scans": {
    status: 503,
    detail: "too_many_scans",
    meaning: "4 series are being looked through already; ask again.",
  },
  "feed.bad_reconcile": {
    status: 400,
    detail: "{text}",
    meaning: "The series or the range cannot be compared with the exchange; `detail` says why, and what can.",
  },
  "replay.coverage_missing": {
    status: 409,
    detail: "coverage_missing",
    meaning: "Fewer candles are stored than the package is to have; `POST /api/replay/ensure_coverage` fetches them.",
  },
  "replay.out_of_sync": {
    status: 409,
    detail: "ledger_out_of_sync:replay",
    meaning: "A ledger lags behind the newest candle of the package; `POST /api/replay/prepare` brings it up.",
  },
  "replay.not_found": { status: 404, detail: "not_found", meaning: "There is no job and no package of that id." },
  "replay.target_idx_out_of_range": {
    status: 422,
    detail: "target_idx_out_of_range",
    meaning: "The package has no candle of that index; its metadata says how many it has.",
  },
  "replay.window_index_out_of_range": {
    status: 422,
    detail: "window_index_out_of_range",
    meaning: "The package lacks the window that holds the candle.",
  },
  "replay.too_many_jobs": {
    status: 503,
    detail: "too_many_replay_jobs",
    meaning: "32 builds or 32 coverages wait or run already, or the process is stopping; nothing was begun.",
  },
  "market.store_damaged": {
    status: 500,
    detail: "store_damaged",
    meaning: "Stored candles fail their checksum and are not served.",
  },
} as const satisfies Readonly<Record<string, HttpErrorKind>>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** An answer that is an error; routes throw it. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;
  readonly status: number;
  readonly detail: string;

  /** @param detail in place of the table's, where that has something to fill in. */
  constructor(code: HttpErrorCode, detail?: string, options?: ErrorOptions) {
    super(`${code}: ${detail ?? HTTP_ERRORS[code].detail}`, options);
    this.code = code;
    this.status = HTTP_ERRORS[code].status;
    this.detail = detail ?? HTTP_ERRORS[code].detail;
  }
}
