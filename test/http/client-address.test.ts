import { expect, test } from "bun:test"
import { clientAddress } from "../../src/http/client-address.ts"

test.each([
  ["203.0.113.5", null, "203.0.113.5"],
  ["::ffff:203.0.113.5", null, "203.0.113.5"],
  [undefined, null, ""],
  // a stranger's word about itself
  ["8.8.8.8", "1.2.3.4", "8.8.8.8"],
  ["2001:4860::1", "1.2.3.4", "2001:4860:0:0::/64"],
  // a proxy: only what it added itself
  ["127.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4 by 127.0.0.1"],
  ["::1", "1.2.3.4", "1.2.3.4 by 0:0:0:0::/64"],
  ["::ffff:10.0.0.7", "1.2.3.4:51234", "1.2.3.4 by 10.0.0.7"],
  ["172.18.0.2", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64 by 172.18.0.2"],
  // a neighbour that names another
  ["192.168.1.66", "192.168.1.5", "192.168.1.5 by 192.168.1.66"],
  // what is no address is nobody's
  ["127.0.0.1", "", "127.0.0.1"],
  ["127.0.0.1", "1.2.3.4, unknown", "127.0.0.1"],
  ["127.0.0.1", `1.2.3.4, ${"1".repeat(500)}`, "127.0.0.1"],
  // one network, one host
  ["2001:4860:a:b:1:2:3:4", null, "2001:4860:a:b::/64"],
  ["2001:4860:a:b::9", null, "2001:4860:a:b::/64"],
  ["fe80::1%eth0", null, "fe80:0:0:0::/64"],
  ["::1", null, "0:0:0:0::/64"],
])("%p saying %p counts as %s", (peer, forwarded, counted) => {
  expect(clientAddress(peer, forwarded)).toBe(counted)
})
