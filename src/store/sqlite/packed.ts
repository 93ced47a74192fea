const level = 1

/** As blocks are kept. */
export const packed = (bytes: Uint8Array): Buffer => Bun.zstdCompressSync(bytes as Uint8Array<ArrayBuffer>, { level })

/** Undefined for what is damaged. */
export function unpacked(data: Buffer): Buffer | undefined {
  try {
    return Bun.zstdDecompressSync(data as Buffer<ArrayBuffer>)
  } catch {
    return undefined
  }
}
