/** Requests over HTTP: address, token, time limit, and what they fail with. */
import { ClientError, type Refusal } from "./errors.js";
import type { Platform, PlatformAnswer, PlatformRequest } from "./platform.js";

/** How long a read may take, in milliseconds, unless told otherwise. */
export const READ_LIMIT_MS = 10_000;

/** Of an answer that is no daemon's, this much is told, in characters. */
const QUOTED_CHARS = 200;

/** How one read is to be done. */
export interface ReadOptions {
  /** Ends the read; it rejects with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, in milliseconds; 10 s by default. */
  readonly limitMs?: number | undefined;
}

/** Where the daemon is, and how to be let in. */
export interface DaemonAddress {
  /** `http://host:port`, with a path if it is served under one. */
  readonly url: string;
  readonly token: string | undefined;
}

interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: string | undefined;
}

export class Requests {
  readonly address: DaemonAddress;
  readonly #platform: Platform;
  readonly #open = new Set<AbortController>();
  #closed = false;

  constructor(address: DaemonAddress, platform: Platform) {
    this.address = address;
    this.#platform = platform;
  }

  /** Asks with a query; members that are undefined or null are left out. @throws ClientError. */
  get<Answer>(path: string, query: object = {}, options: ReadOptions = {}): Promise<Answer> {
    return this.#json({ method: "GET", path: withQuery(path, query), body: undefined }, options);
  }

  /** Asks with a body. @throws ClientError. */
  post<Answer>(path: string, body: object, options: ReadOptions = {}): Promise<Answer> {
    return this.#json({ method: "POST", path, body: JSON.stringify(body) }, options);
  }

  /**
   * Asks for an answer that comes piece by piece: the time limit is for its beginning. What `read` does with it ends with the
   * caller's signal and with the client. @throws ClientError.
   */
  async *stream<Item>(
    path: string,
    query: object,
    options: ReadOptions,
    read: (answer: PlatformAnswer) => AsyncGenerator<Item>,
  ): AsyncGenerator<Item> {
    const attempt = this.#attempt({ method: "GET", path: withQuery(path, query), body: undefined }, options);
    try {
      const answer = await attempt.fetch();
      if (!answer.ok) throw refused(attempt.name, answer, await answer.text());
      attempt.inTime();
      yield* read(answer);
    } catch (error) {
      throw attempt.failure(error);
    } finally {
      attempt.end();
    }
  }

  /** Ends every request that is under way; later ones are not begun. */
  close(): void {
    this.#closed = true;
    for (const controller of this.#open) controller.abort();
  }

  async #json<Answer>(asked: Asked, options: ReadOptions): Promise<Answer> {
    const attempt = this.#attempt(asked, options);
    try {
      const answer = await attempt.fetch();
      const text = await answer.text();
      if (!answer.ok) throw refused(attempt.name, answer, text);
      return parsed(attempt.name, text) as Answer;
    } catch (error) {
      throw attempt.failure(error);
    } finally {
      attempt.end();
    }
  }

  #attempt(asked: Asked, options: ReadOptions): Attempt {
    const controller = new AbortController();
    const attempt = new Attempt(this.#platform, this.address, asked, options, controller);
    this.#open.add(controller);
    controller.signal.addEventListener("abort", () => this.#open.delete(controller), { once: true });
    if (this.#closed) controller.abort();
    return attempt;
  }
}

/** One request, its time limit, and why it ended. */
class Attempt {
  /** Method and address, for people. */
  readonly name: string;
  readonly #platform: Platform;
  readonly #daemon: string;
  readonly #url: string;
  readonly #request: PlatformRequest;
  readonly #controller: AbortController;
  readonly #callers: AbortSignal | undefined;
  readonly #limitMs: number;
  readonly #abort = (): void => this.#controller.abort();
  #timer: unknown;
  #isLate = false;

  constructor(
    platform: Platform,
    { url, token }: DaemonAddress,
    { method, path, body }: Asked,
    { signal, limitMs = READ_LIMIT_MS }: ReadOptions,
    controller: AbortController,
  ) {
    this.#platform = platform;
    this.#daemon = url;
    this.#url = `${url}${path}`;
    this.name = `${method} ${this.#url}`;
    this.#controller = controller;
    this.#callers = signal;
    this.#limitMs = limitMs;
    this.#request = { method, headers: headersOf(token, body), body, signal: controller.signal };
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted === true) this.#abort();
    this.#timer = platform.setTimeout(() => {
      this.#isLate = true;
      this.#abort();
    }, limitMs);
  }

  fetch(): Promise<PlatformAnswer> {
    return this.#platform.fetch(this.#url, this.#request);
  }

  /** The time limit has been kept. */
  inTime(): void {
    this.#platform.clearTimeout(this.#timer);
  }

  end(): void {
    this.inTime();
    this.#callers?.removeEventListener("abort", this.#abort);
    // What is still under way, because it was not read to its end, ends here.
    this.#abort();
  }

  failure(error: unknown): ClientError {
    if (error instanceof ClientError) return error;
    const cause = error;
    if (this.#isLate)
      return new ClientError("timed_out", `${this.name} took longer than ${this.#limitMs} ms`, { cause });
    if (this.#controller.signal.aborted) return new ClientError("aborted", `${this.name} was aborted`, { cause });
    return new ClientError("unreachable", `no daemon answers at ${this.#daemon} (${reasonOf(error)})`, { cause });
  }
}

function headersOf(token: string | undefined, body: string | undefined): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
}

function withQuery(path: string, query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientError("not_understood", `${name} was answered with what is no JSON: ${quoted(text)}`, { cause });
  }
}

function refused(name: string, answer: PlatformAnswer, text: string): ClientError {
  const detail = detailOf(text);
  if (detail === undefined) {
    return new ClientError("not_understood", `${name} was answered with ${answer.status}: ${quoted(text)}`);
  }
  const retryAfterS = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const refusal = { status: answer.status, detail, retryAfterS: Number.isNaN(retryAfterS) ? undefined : retryAfterS };
  const told = typeof detail === "string" ? detail : JSON.stringify(detail);
  return new ClientError("refused", `${name} was answered with ${quoted(told)} (${answer.status})`, { refusal });
}

/** The `detail` of an error; undefined for what is no error of a daemon. */
function detailOf(text: string): Refusal["detail"] | undefined {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    return typeof detail === "string" || Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  return text.length > QUOTED_CHARS ? `${text.slice(0, QUOTED_CHARS)}…` : text;
}

/** `fetch` hides what happened in the cause of its error. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  const told = [cause, error].flatMap((one) => (one instanceof Error && one.message !== "" ? [one.message] : []));
  return told[0] ?? String(error);
}
