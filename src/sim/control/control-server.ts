/**
 * The control interface: the journal, the truth and the switchboard over HTTP, for tests that run the exchange in another
 * process. JSON in and out; on loopback and on a port of its own, so that it never mixes with what it controls.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { FaultError } from "../faults/catalogue.js";
import { Listener } from "../listener.js";
import type { MarketKind } from "../settings.js";
import type { SimulatedMarket } from "../simulated-market.js";
import { StrikeError } from "../strikes.js";
import { CONTROL_ROUTES, ControlError, type ControlInput } from "./control-routes.js";

/** Longest request body in bytes. */
const BODY_MAX_BYTES = 2 * 1_024 * 1_024;

export class ControlServer {
  readonly #markets: Readonly<Record<MarketKind, SimulatedMarket>>;
  readonly #listener: Listener;

  constructor(markets: Readonly<Record<MarketKind, SimulatedMarket>>, port: number) {
    this.#markets = markets;
    this.#listener = new Listener(port, {
      request: (request, response) => {
        this.#handle(request, response).catch(() => response.destroy());
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.port}`;
  }

  start(): Promise<void> {
    return this.#listener.goOnline();
  }

  stop(): Promise<void> {
    return this.#listener.goOffline();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await this.#answer(request);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  }

  async #answer(request: IncomingMessage): Promise<readonly [number, unknown]> {
    try {
      const [path = "", query = ""] = (request.url ?? "").split("?", 2);
      const route = CONTROL_ROUTES.find((each) => each.method === request.method && each.path === path);
      if (route === undefined) {
        const known = CONTROL_ROUTES.map((each) => `${each.method} ${each.path}`).join(", ");
        throw new ControlError(404, `there is no ${request.method} ${path}; there is ${known}`);
      }
      const input: ControlInput = {
        query: Object.fromEntries(new URLSearchParams(query)),
        body: await readBody(request),
        markets: this.#markets,
      };
      return [200, await route.answer(input)];
    } catch (error) {
      return [errorStatus(error), { error: error instanceof Error ? error.message : String(error) }];
    }
  }
}

function errorStatus(error: unknown): number {
  if (error instanceof ControlError) return error.status;
  const isBadInput = error instanceof FaultError || error instanceof StrikeError || error instanceof RangeError;
  return isBadInput ? 400 : 500;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_MAX_BYTES) throw new ControlError(413, `the body is over ${BODY_MAX_BYTES} bytes; send less`);
    chunks.push(chunk);
  }
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    throw new ControlError(400, "the body is not JSON; send a JSON object");
  }
}
