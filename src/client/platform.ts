/**
 * What the client needs of the platform, in the words that Node and browsers share. Every part can be replaced; what is not is
 * taken from the globals. The one file of the client that touches timers, clock and randomness.
 */

/** The bytes of an answer that comes piece by piece. */
export interface PlatformBody {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** An answer to a request, as of `fetch`. */
export interface PlatformAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: PlatformBody | null;
  text(): Promise<string>;
}

export interface PlatformRequest {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** A WebSocket, as browsers, Node from 22 on and the package `ws` have it. */
export interface PlatformSocket {
  send(text: string): void;
  close(): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

export type PlatformSocketClass = new (url: string, protocols: string[]) => PlatformSocket;

export interface Platform {
  readonly fetch: (url: string, request: PlatformRequest) => Promise<PlatformAnswer>;
  /** Undefined where there is none: reads work, following does not. */
  readonly WebSocket: PlatformSocketClass | undefined;
  /** Calls back once, after `ms` milliseconds. */
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  /** @param timer that `setTimeout` has returned. */
  readonly clearTimeout: (timer: unknown) => void;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The platform's own parts, with these in their place. */
export function platformWith(replaced: Partial<Platform>): Platform {
  const globals = globalThis as { readonly WebSocket?: PlatformSocketClass };
  return {
    // Browsers want their functions called on the global object.
    fetch: replaced.fetch ?? ((url, request) => fetch(url, initOf(request))),
    WebSocket: replaced.WebSocket ?? globals.WebSocket,
    setTimeout: replaced.setTimeout ?? ((callback, ms) => setTimeout(callback, ms)),
    clearTimeout: replaced.clearTimeout ?? ((timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0])),
    monotonic: replaced.monotonic ?? (() => performance.now()),
    random: replaced.random ?? (() => Math.random()),
  };
}

function initOf({ method, headers, body, signal }: PlatformRequest) {
  return { method, headers, signal, ...(body === undefined ? {} : { body }) };
}
