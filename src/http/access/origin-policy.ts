/** What a browser lets foreign pages do to a daemon of the machine, and what therefore is refused here. */
import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost } from "../../config/loopback.js";

/** What a browser says of a request that a page of another site or of another name of the same site has caused. */
const FROM_ELSEWHERE: readonly unknown[] = ["cross-site", "same-site"];

export interface OriginPolicyOptions {
  /** The daemon listens on loopback, so that the names it is called by are known. */
  readonly isLoopback: boolean;
  /** Origins whose pages are let in, such as `http://localhost:5173`. */
  readonly origins: readonly string[];
}

export class OriginPolicy {
  readonly #isLoopback: boolean;
  readonly #origins: ReadonlySet<string>;
  /** Names of this machine by which a proxy in front of the daemon is called. */
  readonly #names: ReadonlySet<string>;

  constructor({ isLoopback, origins }: OriginPolicyOptions) {
    this.#isLoopback = isLoopback;
    this.#origins = new Set(origins);
    this.#names = new Set(origins.flatMap((origin) => (URL.canParse(origin) ? [new URL(origin).hostname] : [])));
  }

  /**
   * Whether the request was sent to a name that is ours. A page whose own name was made to resolve to this machine (DNS
   * rebinding) is of our origin as far as its browser knows, and still sends its own name.
   */
  allowsHost({ host }: IncomingHttpHeaders): boolean {
    if (!this.#isLoopback || host === undefined) return true;
    const name = hostName(host);
    return name !== undefined && (isLoopbackName(name) || this.#names.has(name));
  }

  /** Whether a WebSocket may be opened by the page that asks; what is no page sends no `Origin`. */
  allowsUpgrade({ origin, host }: IncomingHttpHeaders): boolean {
    return origin === undefined || this.#isOurs(origin, host);
  }

  /**
   * Whether a request that changes something may be made by the page that asks. The browser would withhold the answer, but
   * only after the deed. Only browsers say where a request comes from; without that it is taken as it is.
   */
  allowsWrite({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
    if (!FROM_ELSEWHERE.includes(headers["sec-fetch-site"])) return true;
    return origin !== undefined && this.#isOurs(origin, host);
  }

  #isOurs(origin: string, host: string | undefined): boolean {
    if (this.#origins.has(origin)) return true;
    return (
      host !== undefined && /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, "") === host.toLowerCase()
    );
  }
}

/** The name of a `Host` header without its port; undefined for what is none. */
function hostName(host: string): string | undefined {
  if (!/^[a-z0-9._:[\]-]+$/i.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname;
}

function isLoopbackName(name: string): boolean {
  const plain = name.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return isLoopbackHost(plain) || plain.endsWith(".localhost");
}
