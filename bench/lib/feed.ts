/** Clients of the live feed. */
import { WebSocket } from "ws";

export interface FeedSocket {
  readonly socket: WebSocket;
  /** Called with the text of every message. */
  onText: (text: string) => void;
  subscribe(series: string, since?: number | null, batches?: boolean): void;
  close(): void;
}

export async function connectFeed(url: string): Promise<FeedSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/market`, { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  const feed: FeedSocket = {
    socket,
    onText: () => undefined,
    subscribe: (series_id, since = null, supports_batch = false) =>
      socket.send(JSON.stringify({ type: "subscribe", series_id, since, supports_batch })),
    close: () => socket.terminate(),
  };
  socket.on("message", (data: Buffer) => feed.onText(data.toString("utf8")));
  return feed;
}

/** Connects many clients, a few at a time so that the listener's queue does not overflow. */
export async function connectFeeds(url: string, count: number): Promise<readonly FeedSocket[]> {
  const feeds: FeedSocket[] = [];
  const AT_A_TIME = 50;
  while (feeds.length < count) {
    const wanted = Math.min(AT_A_TIME, count - feeds.length);
    feeds.push(...(await Promise.all(Array.from({ length: wanted }, () => connectFeed(url)))));
  }
  return feeds;
}
