/** Answers that are written onto a connection that the server's framework does not have: `{"detail": …}`, and the end of it. */
import { STATUS_CODES } from "node:http";

/** @param headers besides those that say what the body is, by their names. */
export function answerBytes(
  { status, detail }: { readonly status: number; readonly detail: string },
  headers: Readonly<Record<string, string>> = {},
): string {
  const body = JSON.stringify({ detail });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The path of an address without its query, which may hold what is nobody's business, in a log least of all. */
export function pathOf(url: string | undefined): string {
  return (url ?? "/").split("?", 1)[0] ?? "/";
}
