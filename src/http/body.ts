/** Request bodies: JSON whatever the content type says, in UTF-8, up to a bound. */
import type { FastifyInstance } from "fastify";
import { jsonErrorOffset } from "./validation/json-offset.js";
import { invalidJson, ValidationError } from "./validation/problem.js";

/** 20,000 candles with every digit written out fit four times. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export function registerBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // The server's framework refuses types that it cannot parse before a parser is asked.
  app.addHook("onRequest", async ({ raw }) => {
    raw.headers["content-type"] = "application/json";
  });
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @returns undefined for an empty body. @throws ValidationError saying where it stops being JSON. */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new ValidationError([invalidJson(0, "the body is not UTF-8")]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ValidationError([invalidJson(jsonErrorOffset(text), (error as Error).message)]);
  }
}
