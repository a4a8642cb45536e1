/** The HTTP server: routes, CORS, validation, and one form for every error. Spec: http-api §1. */
import type { Server } from "node:http";
import cors from "@fastify/cors";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import type { LoopDelay } from "../observability/loop-delay.js";
import type { AccessGuard } from "./access/access-guard.js";
import { CONNECTION_TIMES, type ConnectionTimes, createBoundedServer } from "./access/bounded-server.js";
import { type Access, accessOf } from "./access/scopes.js";
import { MAX_BODY_BYTES, registerBodyParser } from "./body.js";
import type { HttpContext } from "./context.js";
import { answerBrokenConnection, answerError, answerUnknown } from "./error-answers.js";
import { HttpError } from "./errors.js";
import { EventStreams } from "./event-streams.js";
import { PageFiles } from "./page-files.js";
import { ReadShedding } from "./read-shedding.js";
import { backfillRoutes } from "./routes/backfill.js";
import { breakerRoutes } from "./routes/breakers.js";
import { debugRoutes } from "./routes/debug.js";
import { devRoutes } from "./routes/dev.js";
import { documentRoutes } from "./routes/documents.js";
import { drawRoutes } from "./routes/draw.js";
import { factorRoutes } from "./routes/factor.js";
import { feedRoutes } from "./routes/feed.js";
import { feedGapRoutes } from "./routes/feed-gaps.js";
import { feedReconcileRoutes } from "./routes/feed-reconcile.js";
import { healthRoutes } from "./routes/health.js";
import { liveRoutes } from "./routes/live.js";
import { marketRoutes } from "./routes/market.js";
import { metricRoutes } from "./routes/metrics.js";
import { LIVENESS_PATH, probeRoutes } from "./routes/probes.js";
import { replayRoutes } from "./routes/replay.js";
import { replayCoverageRoutes } from "./routes/replay-coverage.js";
import { overlayPackageRoutes } from "./routes/replay-overlay.js";
import { runtimeRoutes } from "./routes/runtime.js";
import { topMarketRoutes } from "./routes/top-markets.js";
import { worldRoutes } from "./routes/world.js";
import { validator } from "./validation/validator.js";
import { WebSockets } from "./ws/web-sockets.js";

export interface HttpServerOptions {
  readonly context: HttpContext;
  readonly guard: AccessGuard;
  readonly corsOrigins: readonly string[];
  readonly loopDelay: LoopDelay;
  /** How long a connection may take for what; as it is in use when left out. */
  readonly times?: ConnectionTimes;
}

/** At the end, requests under way are given this long to be answered, in milliseconds. */
const DRAIN_MS = 1_000;

/** How long a browser may remember a preflight answer, in seconds. */
const PREFLIGHT_MAX_AGE_S = 600;

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** A route as it was registered, with the schemas that its requests are checked against. */
export interface RegisteredRoute {
  readonly method: string;
  readonly path: string;
  readonly query: TSchema | undefined;
  readonly body: TSchema | undefined;
}

export interface HttpServer {
  readonly app: FastifyInstance;
  /** In the order of their registration. */
  readonly routes: readonly RegisteredRoute[];
  readonly webSockets: WebSockets;
  /** Starts to listen. @returns the port, which the system has chosen when 0 was asked for. */
  listen(host: string, port: number): Promise<number>;
  /** Closes WebSockets, refuses new requests, and resolves when the ones under way are answered or the time is up. */
  close(): Promise<void>;
}

/** @throws UnlistedRouteError when a route or WebSocket is not in the table of scopes. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { context, guard, corsOrigins, loopDelay, times = CONNECTION_TIMES } = options;
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    serverFactory: (handler) => createBoundedServer(handler, times, guard.connections),
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answerError(context.log, error, request, reply),
    clientErrorHandler: answerBrokenConnection,
    // Existing clients take the last of repeated parameters.
    routerOptions: { querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)) },
  });
  const webSockets = new WebSockets(context, guard);
  const streams = new EventStreams(context.clock);
  let closing = false;
  const routes = collectRoutes(app);
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
  await registerCors(app, corsOrigins);
  app.addHook("onRequest", async (request, reply) => {
    if (closing && request.routeOptions.url !== LIVENESS_PATH) throw new HttpError("http.shutting_down");
    const refused = refuse(context, guard, request, reply);
    if (refused !== undefined) return refused;
    // Before a body is read: what is wrong with it does not matter on a path that takes none.
    if (request.is404 || request.method === "OPTIONS") return answerUnknown(routes, request, reply);
  });
  new ReadShedding({ clock: context.clock, log: context.log, metrics: context.metrics, loopDelay }).register(app);
  app.addHook("onSend", async (_request, reply) => {
    // A connection that was busy when the end began must not stay open for another request.
    if (closing) void reply.header("connection", "close");
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(context.log, error, request, reply));
  marketRoutes(app, context);
  topMarketRoutes(app, context, streams);
  healthRoutes(app, context);
  feedGapRoutes(app, context);
  feedReconcileRoutes(app, context);
  feedRoutes(app, context);
  factorRoutes(app, context);
  drawRoutes(app, context);
  worldRoutes(app, context);
  replayRoutes(app, context);
  replayCoverageRoutes(app, context);
  overlayPackageRoutes(app, context);
  debugRoutes(app, context);
  breakerRoutes(app, context);
  runtimeRoutes(app, context);
  probeRoutes(app, context);
  metricRoutes(app, context, webSockets);
  backfillRoutes(app, context);
  devRoutes(app, context);
  liveRoutes(app, new PageFiles());
  documentRoutes(app, routes);
  await app.ready();
  webSockets.attach(app.server as Server);
  return {
    app,
    routes,
    webSockets,
    listen: async (host, port) => {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === "object" && address !== null ? address.port : port;
    },
    close: async () => {
      closing = true;
      streams.close();
      await webSockets.close();
      const limit = context.clock.ioTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      context.clock.clearTimeout(limit);
    },
  };
}

/** Cross-origin access. Only a preflight as browsers send it is answered as one. Spec: http-api §1.5. */
async function registerCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const options = {
    origin: [...origins],
    credentials: true,
    methods: METHODS,
    maxAge: PREFLIGHT_MAX_AGE_S,
    optionsSuccessStatus: 200,
  };
  await app.register(cors, {
    delegator: (request, done) => done(null, { ...options, preflight: isPreflight(request) }),
  });
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}

/** Answers a request that is not let in; undefined for one that is. A path that is none is asked for no token. */
function refuse(
  { metrics }: HttpContext,
  guard: AccessGuard,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const { is404, method, routeOptions } = request;
  const isRoute = !is404 && method !== "OPTIONS";
  const access: Access = isRoute ? accessOf(method, routeOptions.url ?? "") : "open";
  const refusal = guard.request(request.raw, access);
  if (refusal === undefined) return undefined;
  const { code, status, detail } = refusal.error;
  metrics.count("http_access_refused_total", { code });
  return reply.code(status).headers(refusal.headers).send({ detail });
}

/** Every route that is registered from now on. @throws UnlistedRouteError at the registration of one that nobody was let to. */
function collectRoutes(app: FastifyInstance): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = [];
  app.addHook("onRoute", ({ path, method, schema }) => {
    // The answer to a preflight is no route of anybody's.
    for (const one of [method].flat()) if (one !== "OPTIONS") accessOf(one, path);
    const schemas = { query: schema?.querystring as TSchema | undefined, body: schema?.body as TSchema | undefined };
    for (const one of [method].flat()) routes.push({ method: one, path, ...schemas });
  });
  return routes;
}
