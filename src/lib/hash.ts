/** 64-bit hash as 16 hex digits, the same on every machine and release. Not for anything an attacker gains from colliding. */
export function shortHash(input: string | Uint8Array): string {
  return Bun.hash.xxHash64(input).toString(16).padStart(16, "0")
}

/** SHA-256 as 64 hex digits; a string is hashed as UTF-8. */
export function sha256(input: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(input).digest("hex")
}
