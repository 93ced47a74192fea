const level = 1

/** As blocks are kept. */
export const packed = (bytes: Uint8Array): Buffer => Bun.zstdCompressSync(bytes as Uint8Array<ArrayBuffer>, { level })

export const unpacked = (data: Buffer): Buffer => Bun.zstdDecompressSync(data as Buffer<ArrayBuffer>)
