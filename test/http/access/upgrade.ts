/** The upgrade of a WebSocket as a test wants it: what it is answered with, and nothing else. */
import { request } from "node:http";

export interface UpgradeAnswer {
  readonly status: number;
  readonly protocol: string | undefined;
  readonly text: string;
}

export function upgrade(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<UpgradeAnswer> {
  const { hostname, port } = new URL(url);
  const handshake = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path, headers: { ...handshake, ...headers }, agent: false });
    asking.on("error", reject);
    asking.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: 101, protocol: response.headers["sec-websocket-protocol"], text: "" });
    });
    asking.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (data: string) => {
        text += data;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, protocol: undefined, text }));
    });
    asking.end();
  });
}

export async function upgradeStatus(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  return (await upgrade(url, path, headers)).status;
}
