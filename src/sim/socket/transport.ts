/** What carries one WebSocket on the server's side, as a port: a real socket, or a simulated network. */
import type { CutManner } from "../settings.js";
import type { Frame } from "../stream/delivery.js";

/** What comes from the client; nothing is called inside the call that opened the transport. */
export interface TransportEvents {
  readonly onMessage: (data: Buffer) => void;
  readonly onPing: () => void;
  readonly onPong: (payload: string) => void;
  /** The socket is of no more use, whoever ended it. */
  readonly onClose: (code: number, reason: string) => void;
}

export interface StreamTransport {
  readonly isOpen: boolean;
  /** Bytes that were sent and have not left yet. */
  readonly bufferedBytes: number;
  send(frame: Frame): void;
  ping(payload: string): void;
  end(manner: CutManner): void;
}

export type OpenTransport = (events: TransportEvents) => StreamTransport;
