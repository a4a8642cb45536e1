import type { Socket } from "node:net";
import type { ConnectionError } from "fastify";
import { expect, test } from "vitest";
import { answerBrokenConnection } from "../../src/http/error-answers.js";

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
