/** The live page: its files hold no data, and need no token. See docs/live-page.md. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { HttpError } from "../errors.js";
import { CONTENT_SECURITY_POLICY, sendPageFile } from "../page-answer.js";
import type { BuiltPage, PageFiles } from "../page-files.js";

/** The names of assets change with what is in them. */
const FOR_GOOD = "public, max-age=31536000, immutable";

export function liveRoutes(app: FastifyInstance, files: PageFiles): void {
  const page = (): BuiltPage => {
    const built = files.read();
    if (built === undefined) throw new HttpError("page.not_built");
    return built;
  };
  const sendIndex = async (reply: FastifyReply): Promise<FastifyReply> => {
    void reply.header("content-security-policy", CONTENT_SECURITY_POLICY).header("cache-control", "no-store");
    return sendPageFile(reply, page().index);
  };
  app.get("/", async (_request, reply) => reply.redirect("/live"));
  app.get("/live", async (_request, reply) => sendIndex(reply));
  app.get("/live/", async (_request, reply) => sendIndex(reply));
  app.get<{ Params: { name: string } }>("/live/assets/:name", async ({ params }, reply) => {
    const asset = page().assets.get(params.name);
    if (asset === undefined) throw new HttpError("http.unknown_path");
    return sendPageFile(reply.header("cache-control", FOR_GOOD), asset);
  });
}
