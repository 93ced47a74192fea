/** SHA-256 as 64 hex digits; a string is hashed as UTF-8. */
export function sha256(input: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(input).digest("hex")
}
