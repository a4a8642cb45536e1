/**
 * The client's side of a WebSocket as a port: what a stream connection needs of one, and nothing of how it travels.
 * `web-socket.ts` dials real ones.
 */

/** What a socket tells its owner; nothing is called before the call that dialed it has returned. */
export interface StreamSocketEvents {
  readonly onOpen: () => void;
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  readonly onPing: (payload: Buffer) => void;
  readonly onPong: () => void;
  /** The handshake was answered with something else than an upgrade; `retryAfter` as in its header. */
  readonly onRefused: (status: number, retryAfter: string | null) => void;
  readonly onError: (message: string) => void;
  /** The last event, called once whatever went before. 1006 stands for an end without a close frame. */
  readonly onClose: (code: number, reason: string) => void;
}

export interface StreamSocket {
  sendText(text: string): void;
  ping(): void;
  pong(payload: Buffer): void;
  /** Begins an orderly end. */
  close(code: number): void;
  /** Ends it at once. */
  terminate(): void;
}

/** Begins to open a socket. */
export type DialStream = (url: string, events: StreamSocketEvents) => StreamSocket;
