import { createSign, generateKeyPairSync } from "node:crypto"

/** A private key and its self-signed certificate, both PEM. The certificate is its own CA: a client trusts it by `tls.ca`. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents)
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body])
  if (body.length < 256) return Buffer.concat([Buffer.from([tag, 0x81, body.length]), body])
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 255]), body])
}

const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents)
const octets = (content: Uint8Array) => der(0x04, content)
const bits = (content: Uint8Array) => der(0x03, Buffer.from([0]), content)
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"))
const truth = der(0x01, Buffer.from([0xff]))

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"))
const commonName = oid("550403")
const basicConstraints = oid("551d13")
const subjectAltName = oid("551d11")

const utcTime = (at: Date) => der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`))

/** A fresh P-256 certificate for localhost and 127.0.0.1, valid from yesterday to tomorrow (RFC 5280, section 4.1). */
export function makeCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from("localhost")))))
  const day = 86_400_000
  const altNames = sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1])))
  const extensions = sequence(
    sequence(basicConstraints, truth, octets(sequence(truth))),
    sequence(subjectAltName, octets(altNames)),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(utcTime(new Date(Date.now() - day)), utcTime(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  )
  const signature = createSign("sha256").update(body).sign(privateKey)
  const bytes = sequence(body, ecdsaWithSha256, bits(signature))
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? []
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  }
}
