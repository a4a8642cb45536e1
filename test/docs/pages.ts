/** How the pages of docs/api are called. */

/** @param method of HTTP, or `WebSocket`. */
export function pageOf(method: string, path: string): string {
  const route = path.replaceAll("/", "-");
  return method === "WebSocket" ? `${route.slice(1)}.md` : `${method.toLowerCase()}${route}.md`;
}
