import { expect, test } from "vitest";
import { isLoopbackPeer, peerKey } from "../../../src/http/access/peer.js";

test.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1"])(
  "%s is this machine",
  (address) => {
    expect(isLoopbackPeer(address)).toBe(true);
  },
);

test.each([undefined, "", "10.0.0.1", "::ffff:10.0.0.1", "::2", "fe80::1", "128.0.0.1", "2001:db8::1"])(
  "%s is another one",
  (address) => {
    expect(isLoopbackPeer(address)).toBe(false);
  },
);

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  [undefined, ""],
])("%s counts as %s", (address, key) => {
  expect(peerKey(address)).toBe(key);
});

test("addresses of one network are one peer, those of two are two", () => {
  expect(peerKey("2001:db8:1:2:aaaa::1")).toBe(peerKey("2001:db8:1:2:bbbb::2"));
  expect(peerKey("2001:db8:1:2::1")).not.toBe(peerKey("2001:db8:1:3::1"));
  expect(peerKey("10.0.0.1")).not.toBe(peerKey("10.0.0.2"));
});
