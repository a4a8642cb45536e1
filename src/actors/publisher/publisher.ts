/**
 * The publisher: offers what was committed to the subscribers of its series, in the order of the commits. What an
 * incarnation could not finish is published again by the next one; cursors keep it from reaching anyone twice.
 */
import type { Behavior } from "../runtime/actor.js";
import type { PublisherMessage } from "./protocol.js";
import type { PublicationContent } from "./publication.js";

/** Where publications go: the topic of the series. */
export interface PublicationSink {
  publish(content: PublicationContent): void | Promise<void>;
}

/** What is being published, kept outside of the publisher so that it survives a crash. */
export interface Owed {
  content: PublicationContent | undefined;
}

export class PublisherBehavior implements Behavior<PublisherMessage> {
  readonly #sink: PublicationSink;
  readonly #owed: Owed;

  constructor(sink: PublicationSink, owed: Owed) {
    this.#sink = sink;
    this.#owed = owed;
  }

  async start(): Promise<void> {
    const { content } = this.#owed;
    // Forgotten before it is tried again: content that no incarnation can publish must not stop them all.
    this.#owed.content = undefined;
    if (content !== undefined) await this.#sink.publish(content);
  }

  receive(message: PublisherMessage): void | Promise<void> {
    switch (message.type) {
      case "publish_forming":
        return this.#sink.publish({ type: "forming", candle: message.candle });
      case "publish_closed":
        return this.#publish(
          { type: "closed", candles: message.candles, grouping: message.grouping },
          message.reply.resolve,
        );
      case "publish_gap":
        return this.#publish({ type: "gap_state", gap: message.gap }, () => undefined);
      case "publish_rebuilt":
        return this.#publish({ type: "rebuilt" }, message.reply.resolve);
    }
  }

  #publish(content: PublicationContent, done: () => void): void | Promise<void> {
    this.#owed.content = content;
    const settled = (): void => {
      this.#owed.content = undefined;
      done();
    };
    const publishing = this.#sink.publish(content);
    if (publishing === undefined) settled();
    else return publishing.then(settled);
  }
}
