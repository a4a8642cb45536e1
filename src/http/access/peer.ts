/** Who is at the other end of a connection, as far as its address tells. */
import { isIPv4, isIPv6 } from "node:net";
import { isLoopbackHost } from "../../config/loopback.js";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Groups of an IPv6 address that name the network: whoever has one address of it has them all. */
const NETWORK_GROUPS = 4;

/** An IPv4 address that came as an IPv6 one, as it is. */
function plain(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}

/** Whether an address is of this machine. */
export function isLoopbackPeer(address: string | undefined): boolean {
  return address !== undefined && isLoopbackHost(plain(address));
}

/** What the limits per address count by: an IPv4 address, or the network of an IPv6 one. An address that has gone is nobody's. */
export function peerKey(address: string | undefined): string {
  const text = plain(address ?? "");
  if (isIPv4(text) || !isIPv6(text)) return text;
  const [head = "", tail] = (text.split("%")[0] ?? "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(gap).fill("0"), ...after];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
