/** The HTTP server: routes, CORS, validation, and one form for every error. Spec: http-api §1. */
import type { Server } from "node:http";
import cors from "@fastify/cors";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import { errorText } from "../actors/runtime/errors.js";
import { StoreError } from "../storage/errors.js";
import { MAX_BODY_BYTES, registerBodyParser } from "./body.js";
import type { HttpContext } from "./context.js";
import { HttpError } from "./errors.js";
import { debugRoutes } from "./routes/debug.js";
import { devRoutes } from "./routes/dev.js";
import { healthRoutes } from "./routes/health.js";
import { marketRoutes } from "./routes/market.js";
import { ValidationError } from "./validation/problem.js";
import { validator } from "./validation/validator.js";
import { WebSockets } from "./ws/web-sockets.js";

export interface HttpServerOptions {
  readonly context: HttpContext;
  readonly corsOrigins: readonly string[];
}

/** A whole request must have arrived within this time, in milliseconds; a client that dribbles is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

/** An idle kept-alive connection is closed after this time, in milliseconds. */
const KEEP_ALIVE_MS = 75_000;

/** How long a browser may remember a preflight answer, in seconds. */
const PREFLIGHT_MAX_AGE_S = 600;

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

export interface HttpServer {
  readonly app: FastifyInstance;
  readonly webSockets: WebSockets;
  /** Starts to listen. @returns the port, which the system has chosen when 0 was asked for. */
  listen(host: string, port: number): Promise<number>;
  /** Closes WebSockets, refuses new requests, and resolves when the ones under way are answered. */
  close(): Promise<void>;
}

export async function createHttpServer({ context, corsOrigins }: HttpServerOptions): Promise<HttpServer> {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
    // Existing clients take the last of repeated parameters.
    routerOptions: { querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)) },
  });
  const webSockets = new WebSockets(context);
  let closing = false;
  const paths = collectPaths(app);
  registerBodyParser(app);
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const validate = validator(schema as TSchema, httpPart === "body" ? "body" : "query");
    return (input: unknown) => {
      try {
        return { value: validate(input) };
      } catch (error) {
        return { error: error as Error };
      }
    };
  });
  await app.register(cors, {
    origin: [...corsOrigins],
    credentials: true,
    methods: METHODS,
    maxAge: PREFLIGHT_MAX_AGE_S,
    optionsSuccessStatus: 200,
  });
  app.addHook("onRequest", async () => {
    if (closing) throw new HttpError("http.shutting_down");
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(context, error, request, reply));
  app.setNotFoundHandler((request, reply) => answerUnknown(paths, request, reply));
  marketRoutes(app, context);
  healthRoutes(app, context);
  debugRoutes(app, context);
  devRoutes(app, context);
  await app.ready();
  webSockets.attach(app.server as Server);
  return {
    app,
    webSockets,
    listen: async (host, port) => {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === "object" && address !== null ? address.port : port;
    },
    close: async () => {
      closing = true;
      await webSockets.close();
      await app.close();
    },
  };
}

/** The methods of every path, for the answer to a wrong one. */
function collectPaths(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const paths = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ path, method }) => {
    const methods = paths.get(path) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    paths.set(path, methods);
  });
  return paths;
}

function answerUnknown(
  paths: ReadonlyMap<string, ReadonlySet<string>>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const methods = paths.get(request.url.split("?")[0] ?? "");
  const error = new HttpError(methods === undefined ? "http.unknown_path" : "http.wrong_method");
  if (methods !== undefined) void reply.header("allow", [...methods].join(", "));
  return reply.code(error.status).send({ detail: error.detail });
}

function answerError(
  context: HttpContext,
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof ValidationError) return reply.code(422).send({ detail: error.problems });
  const known = httpErrorOf(error);
  if (known.status >= 500) {
    const cause = known.cause ?? error;
    const stack = known.code === "http.internal" && error instanceof Error ? error.stack : undefined;
    context.log.error("request.failed", {
      method: request.method,
      url: request.url,
      code: known.code,
      error: errorText(cause),
      ...(stack === undefined ? {} : { stack }),
    });
  }
  return reply.code(known.status).send({ detail: known.detail });
}

function httpErrorOf(error: FastifyError | Error): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreError && error.code === "store_damaged") {
    return new HttpError("market.store_damaged", undefined, { cause: error });
  }
  if ("statusCode" in error && error.statusCode === 413) return new HttpError("http.body_too_large");
  return new HttpError("http.internal", undefined, { cause: error });
}
