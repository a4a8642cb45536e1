/** The contract for machines: what HTTP takes and answers, what the WebSockets say, and a page that shows the first. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { VERSION } from "../../version.js";
import { asyncApiDocument } from "../documents/asyncapi.js";
import { DocsFiles } from "../documents/docs-files.js";
import { openApiDocument } from "../documents/openapi.js";
import { OPERATIONS } from "../documents/operations/all.js";
import { HttpError } from "../errors.js";
import { answerJson } from "../json-answer.js";
import { CONTENT_SECURITY_POLICY, type PageFile, sendPageFile } from "../page-answer.js";
import type { RegisteredRoute } from "../server.js";

/** How long a browser may keep a file of the page, in seconds. */
const KEEP_S = 3_600;

/** @param routes all there are when the first document is asked for, which is when they are made. */
export function documentRoutes(app: FastifyInstance, routes: readonly RegisteredRoute[]): void {
  let openApi: string | undefined;
  let asyncApi: string | undefined;
  const files = new DocsFiles();

  app.get("/openapi.json", async (_request, reply) => {
    openApi ??= JSON.stringify(openApiDocument(routes, OPERATIONS, VERSION));
    return answerJson(reply, openApi);
  });

  app.get("/asyncapi.json", async (_request, reply) => {
    asyncApi ??= JSON.stringify(asyncApiDocument(VERSION));
    return answerJson(reply, asyncApi);
  });

  app.get("/docs", async (_request, reply) => sendFile(reply, files.page));
  app.get("/docs/", async (_request, reply) => sendFile(reply, files.page));

  app.get<{ Params: { name: string } }>("/docs/:name", async ({ params }, reply) => {
    const file = files.find(params.name);
    if (file === undefined) throw new HttpError("http.unknown_path");
    return sendFile(reply.header("cache-control", `max-age=${KEEP_S}`), file);
  });
}

/** Sends a file of the page, each with the policy. */
function sendFile(reply: FastifyReply, file: PageFile): FastifyReply {
  return sendPageFile(reply.header("content-security-policy", CONTENT_SECURITY_POLICY), file);
}
