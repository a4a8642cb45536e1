/** What the state of a feed is computed from, put together. */
import type { FeedFacts } from "../feed/feed-state.js";
import type { FeedLink } from "./feed-link.js";
import type { Link } from "./link.js";
import type { FinalSequencer } from "./sequencer.js";

export function feedFacts({ link, watch }: FeedLink, sequencer: FinalSequencer): FeedFacts {
  return {
    link: linkFacts(link),
    connection: link.connection,
    stream: watch.facts,
    heldFinals: sequencer.hole === undefined ? 0 : sequencer.held.length,
  };
}

function linkFacts({ state, reason }: Link): FeedFacts["link"] {
  if (typeof state === "object") return { state: "attached" };
  if (state === "refused") return { state, reason };
  return state === "verifying" ? { state } : { state: "waiting", reason };
}
