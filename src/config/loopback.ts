/** Which addresses reach only this machine. */
import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether a host to listen on is loopback: 127.0.0.0/8, `::1` in any notation, or the name `localhost`. */
export function isLoopbackHost(host: string): boolean {
  switch (isIP(host)) {
    case 4:
      return LOOPBACK.check(host, "ipv4");
    case 6:
      return LOOPBACK.check(host, "ipv6");
    default:
      return host.toLowerCase() === "localhost";
  }
}
