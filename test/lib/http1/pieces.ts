/** The bytes in pieces, cut at these places as far as they lie within. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  for (const place of [...places].sort((a, b) => a - b)) {
    const to = Math.min(place, bytes.length)
    if (to > from) pieces.push(bytes.subarray(from, to))
    from = Math.max(from, to)
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from))
  return pieces
}
