import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Listener } from "../../src/sim/listener.js";
import { until } from "./support.js";

async function listening(port = 0) {
  const listener = new Listener(port, { request: (_request, response) => response.end("here") });
  await listener.goOnline();
  onTestFinished(() => listener.goOffline());
  return listener;
}

const ask = async ({ port }: Listener): Promise<string> => (await fetch(`http://127.0.0.1:${port}`)).text();

describe("a listener", () => {
  it("takes a free port and keeps it through going off line", async () => {
    const listener = await listening();
    const { port } = listener;
    expect(port).toBeGreaterThan(0);
    expect(await ask(listener)).toBe("here");
    await listener.goOffline();
    expect(listener.isOnline).toBe(false);
    await expect(ask(listener)).rejects.toThrow();
    await listener.goOnline();
    expect([listener.port, listener.isOnline]).toEqual([port, true]);
    expect(await ask(listener)).toBe("here");
  });

  it("resets idle connections too", async () => {
    const listener = await listening();
    const socket = connect(listener.port, "127.0.0.1");
    let failure = "";
    socket.on("error", (error: NodeJS.ErrnoException) => {
      failure = error.code ?? "";
    });
    await until(() => socket.readyState === "open");
    // A whole request proves that the server has accepted the connection, which then stays idle.
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => socket.bytesRead > 0);
    socket.resume();
    await listener.goOffline();
    await until(() => socket.destroyed);
    expect(failure).toBe("ECONNRESET");
  });

  it("names the port that it cannot have, and can be tried again", async () => {
    const first = await listening();
    const second = new Listener(first.port, { request: () => undefined });
    await expect(second.goOnline()).rejects.toThrow(`cannot listen on 127.0.0.1:${first.port}: `);
    expect(second.isOnline).toBe(false);
    await first.goOffline();
    await second.goOnline();
    expect(second.isOnline).toBe(true);
    await second.goOffline();
  });

  it("does not care how often it is told", async () => {
    const listener = await listening();
    await listener.goOnline();
    await listener.goOffline();
    await listener.goOffline();
    expect(listener.isOnline).toBe(false);
  });

  it("ends what asks for an upgrade that it does not offer", async () => {
    const listener = await listening();
    const socket = connect(listener.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await until(() => socket.destroyed);
    expect(socket.bytesRead).toBe(0);
  });
});
