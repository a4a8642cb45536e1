/** Whose token was presented: every digest is compared, in constant time, so that time tells nothing of what is in the file. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { AccessToken } from "../../config/access-tokens.js";

interface Entry {
  readonly digest: Buffer;
  readonly token: AccessToken;
}

export class TokenBook {
  readonly #entries: readonly Entry[];

  constructor(tokens: readonly AccessToken[]) {
    this.#entries = tokens.map((token) => ({ digest: Buffer.from(token.sha256, "hex"), token }));
  }

  /** Without any, nothing needs a token. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The entry of a token; undefined when there is none. */
  holderOf(presented: string): AccessToken | undefined {
    const digest = createHash("sha256").update(presented, "utf8").digest();
    let holder: AccessToken | undefined;
    // To the end, also when it is found: how long it takes must not depend on where.
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.digest, digest)) holder = entry.token;
    }
    return holder;
  }
}
