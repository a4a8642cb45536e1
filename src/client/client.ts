/** A client of a running daemon: typed reads, the live feed, and the debug events. docs/client.md. */
import { Dev } from "./dev.js";
import { type Platform, platformWith } from "./platform.js";
import { Reads } from "./reads.js";
import { OverlayPackages, Replay } from "./replay.js";
import { Requests } from "./request.js";

export interface ClientOptions {
  /** Of the daemon: `http://host:port`. */
  readonly url: string;
  /** Left out where the daemon asks for none. */
  readonly token?: string | undefined;
  /** Parts that are to be used instead of the platform's own. */
  readonly platform?: Partial<Platform> | undefined;
}

export class TradeCanvasClient extends Reads {
  readonly replay: Replay;
  readonly overlayPackages: OverlayPackages;
  readonly dev: Dev;
  readonly #requests: Requests;

  /** @throws Error when the address is none. */
  constructor({ url, token, platform = {} }: ClientOptions) {
    const requests = new Requests({ url: daemonUrl(url), token }, platformWith(platform));
    super(requests);
    this.#requests = requests;
    this.replay = new Replay(requests);
    this.overlayPackages = new OverlayPackages(requests);
    this.dev = new Dev(requests);
  }

  /** Ends everything: reads that are under way reject with `aborted`, and so does every later one. */
  close(): void {
    this.#requests.close();
  }
}

/** The address without a slash at its end. */
function daemonUrl(url: string): string {
  if (!/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) {
    throw new Error(`'${url}' is not the address of a daemon: give one such as http://127.0.0.1:8000`);
  }
  return url.replace(/\/+$/, "");
}
