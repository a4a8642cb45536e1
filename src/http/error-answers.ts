/** How whatever goes wrong is answered: `{"detail": …}`, with nothing else beside it. Spec: http-api §1.2. */
import type { Socket } from "node:net";
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { ActorError, errorText } from "../actors/runtime/errors.js";
import { TooManySeriesError } from "../actors/series/registry.js";
import { LedgerError } from "../ledger/ledger-errors.js";
import type { EventLog } from "../observability/event-log.js";
import { ReplayError } from "../replay/replay-error.js";
import { StoreError } from "../storage/errors.js";
import { HTTP_ERRORS, HttpError, type HttpErrorCode } from "./errors.js";
import { answerBytes, pathOf } from "./plain-answer.js";
import { withSmallInputs } from "./validation/echo.js";
import { ValidationError } from "./validation/problem.js";

/** Answers a request that failed; a fault of this program is logged. */
export function answerError(
  log: EventLog,
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof ValidationError) return reply.code(422).send({ detail: withSmallInputs(error.problems) });
  const known = httpErrorOf(error);
  if (known.status >= 500) {
    const cause = known.cause ?? error;
    const stack = known.code === "http.internal" && error instanceof Error ? error.stack : undefined;
    log.error("request.failed", {
      method: request.method,
      path: pathOf(request.url),
      code: known.code,
      error: errorText(cause),
      ...(stack === undefined ? {} : { stack }),
    });
  }
  return reply.code(known.status).send({ detail: known.detail });
}

/** Answers a request that no route takes. @param routes all there are. */
export function answerUnknown(
  routes: readonly { readonly method: string; readonly path: string }[],
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = pathOf(request.url);
  const allowed = routes.filter((route) => route.path === path).map(({ method }) => method);
  const error = new HttpError(allowed.length === 0 ? "http.unknown_path" : "http.wrong_method");
  if (allowed.length > 0) void reply.header("allow", allowed.join(", "));
  return reply.code(error.status).send({ detail: error.detail });
}

/** Answers what is no HTTP request, as far as there still is someone to answer, and hangs up. */
export function answerBrokenConnection(error: ConnectionError, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const { status, detail } = HTTP_ERRORS[brokenConnectionCode(error)];
  if (socket.writable) socket.write(answerBytes({ status, detail }));
  socket.destroy(error);
}

function brokenConnectionCode({ code }: ConnectionError): HttpErrorCode {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "http.request_timeout";
  return code === "HPE_HEADER_OVERFLOW" ? "http.headers_too_large" : "http.malformed_request";
}

function httpErrorOf(error: FastifyError | Error): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreError && error.code === "store_damaged") {
    return new HttpError("market.store_damaged", undefined, { cause: error });
  }
  if (error instanceof LedgerError) return new HttpError(`ledger.${error.code}`, undefined, { cause: error });
  if (error instanceof ReplayError) return new HttpError(`replay.${error.code}`, undefined, { cause: error });
  if (error instanceof TooManySeriesError) return new HttpError("market.too_many_series", undefined, { cause: error });
  if (error instanceof ActorError && error.code !== "actor_crashed") {
    return new HttpError("market.ingest_busy", undefined, { cause: error });
  }
  const status = "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return new HttpError("http.body_too_large");
  // Whatever else the server's framework blames on the client: a bad path, a body that breaks off.
  const isClients = status !== undefined && status >= 400 && status < 500;
  return new HttpError(isClients ? "http.malformed_request" : "http.internal", undefined, { cause: error });
}
