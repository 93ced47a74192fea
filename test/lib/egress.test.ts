import { expect, test } from "bun:test"
import fc from "fast-check"
import { type AddressKind, classifyHost } from "../../src/lib/egress.ts"

const EXPECTED: Record<AddressKind | "name" | "invalid", string[]> = {
  loopback: [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "::1",
    "[::1]",
    "::",
    "localhost",
    "LocalHost.",
    "api.localhost",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
  ],
  "link-local": [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1%eth0",
    "[fe80::1]",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "64:ff9b::a9fe:a9fe",
    "metadata.google.internal",
    "METADATA.google.internal.",
  ],
  private: [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "fd12:3456::1",
    "fec0::1",
    "::10.0.0.1",
  ],
  reserved: [
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "203.0.113.9",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
    "240.0.0.1",
  ],
  public: [
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "128.0.0.1",
  ],
  name: ["api.example.com", "localhost.example.com", "10.example.com", "münchen.example"],
  invalid: [
    "",
    "a b",
    "256.0.0.1",
    "1.2.3.4.5",
    "127.0.0.1:80",
    "user@127.0.0.1",
    "a/b",
    "[::1",
    "::1]",
    "[::1]x",
    ":::",
    "a\\b",
  ],
}

for (const [kind, hosts] of Object.entries(EXPECTED)) {
  test(`${kind}: ${hosts.join(" ")}`, () => {
    for (const host of hosts) expect({ host, kind: classifyHost(host) }).toEqual({ host, kind: kind as AddressKind })
  })
}

test("no notation of an IPv4 address hides its kind", () => {
  const byte = fc.nat(255)
  fc.assert(
    fc.property(byte, byte, byte, byte, (a, b, c, d) => {
      const kind = classifyHost(`${a}.${b}.${c}.${d}`)
      const whole = ((a * 256 + b) * 256 + c) * 256 + d
      const notations = [
        String(whole),
        `0x${whole.toString(16)}`,
        `0${whole.toString(8)}`,
        `${a}.${(b * 256 + c) * 256 + d}`,
        `${a}.${b}.${c * 256 + d}`,
        `0x${a.toString(16)}.0${b.toString(8)}.${c}.${d}`,
        `${a}.${b}.${c}.${d}.`,
        `::ffff:${a}.${b}.${c}.${d}`,
        `[::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}]`,
        `64:ff9b::${a}.${b}.${c}.${d}`,
      ]
      for (const notation of notations) expect({ notation, kind: classifyHost(notation) }).toEqual({ notation, kind })
    }),
  )
})
