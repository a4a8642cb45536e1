import type { Socket } from "node:net";
import type { ConnectionError, FastifyReply, FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { ActorError } from "../../src/actors/runtime/errors.js";
import { TooManySeriesError } from "../../src/actors/series/registry.js";
import { answerBrokenConnection, answerError } from "../../src/http/error-answers.js";
import { LedgerError } from "../../src/ledger/ledger-errors.js";
import { silentLog } from "../../src/observability/event-log.js";
import { StoreError } from "../../src/storage/errors.js";

class FakeSocket {
  destroyed = false;
  writable = true;
  written = "";

  write(text: string): void {
    this.written += text;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function answered(code: string, socket = new FakeSocket()): FakeSocket {
  const error = Object.assign(new Error(code), { code }) as unknown as ConnectionError;
  answerBrokenConnection(error, socket as unknown as Socket);
  return socket;
}

test("what ends a connection before there is a request has its status, and the connection is closed", () => {
  const cases: [string, string, string][] = [
    ["ERR_HTTP_REQUEST_TIMEOUT", "408 Request Timeout", "request_timeout"],
    ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large", "headers_too_large"],
    ["HPE_INVALID_METHOD", "400 Bad Request", "malformed_request"],
  ];
  for (const [code, status, detail] of cases) {
    const body = `{"detail":"${detail}"}`;
    const { written, destroyed } = answered(code);
    expect(written).toBe(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(destroyed).toBe(true);
  }
});

test("nobody is answered who is not there any more", () => {
  expect(answered("ECONNRESET").written).toBe("");
  const gone = new FakeSocket();
  gone.destroyed = true;
  expect(answered("HPE_INVALID_METHOD", gone).written).toBe("");
  const closing = new FakeSocket();
  closing.writable = false;
  expect(answered("HPE_INVALID_METHOD", closing)).toMatchObject({ written: "", destroyed: true });
});

/** Status and body of the answer to an error. */
function answerTo(error: Error): readonly unknown[] {
  const sent: unknown[] = [];
  const reply = {
    code: (status: number) => {
      sent.push(status);
      return reply;
    },
    send: (body: unknown) => {
      sent.push(body);
      return reply;
    },
  };
  answerError(silentLog, error, {} as FastifyRequest, reply as unknown as FastifyReply);
  return sent;
}

test("an error of the ledgers has the status and the detail of its code", () => {
  const cases = [
    ["factor_out_of_sync", 409, "ledger_out_of_sync:factor"],
    ["overlay_out_of_sync", 409, "ledger_out_of_sync:overlay"],
    ["overlay_mismatch", 409, "ledger_out_of_sync:overlay"],
    ["out_of_sync", 409, "ledger_out_of_sync"],
    ["no_data", 404, "no_data"],
    ["no_overlay", 404, "no_overlay"],
  ] as const;
  for (const [code, status, detail] of cases) {
    expect(answerTo(new LedgerError(code, "for the log")), code).toEqual([status, { detail }]);
  }
});

test("a runtime that is too busy says so on every route; what is no one's fault is ours", () => {
  expect(answerTo(new TooManySeriesError("10,000 series"))).toEqual([503, { detail: "too_many_series" }]);
  for (const code of ["mailbox_full", "actor_unavailable"] as const) {
    expect(answerTo(new ActorError(code, "series/x/ingest", "")), code).toEqual([503, { detail: "ingest_busy" }]);
  }
  const crashed = new ActorError("actor_crashed", "series/x/ingest", "");
  for (const error of [crashed, new Error("oops"), new StoreError("store_closed", "closed")]) {
    expect(answerTo(error), error.message).toEqual([500, { detail: "Internal Server Error" }]);
  }
  expect(answerTo(new StoreError("store_damaged", "a checksum"))).toEqual([500, { detail: "store_damaged" }]);
});
