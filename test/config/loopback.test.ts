import { expect, it } from "vitest";
import { isLoopbackHost } from "../../src/config/loopback.js";

it.each(["127.0.0.1", "127.0.0.0", "127.255.255.255", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1", "localhost", "LocalHost"])(
  "%s reaches only this machine",
  (host) => expect(isLoopbackHost(host)).toBe(true),
);

it.each(["", "0.0.0.0", "::", "128.0.0.1", "126.255.255.255", "192.168.1.1", "127.1", "::2", "localhost.example.org"])(
  "%s may reach further",
  (host) => expect(isLoopbackHost(host)).toBe(false),
);
