/** A place in the order of the log: time, then id. */
export interface Position {
  readonly at: number
  readonly id: string
}

/** As text of URL-safe base64, for clients to give back. */
export const cursorOf = (position: Position): string =>
  Buffer.from(JSON.stringify([position.at, position.id])).toString("base64url")

/** Undefined for text that no `cursorOf` made. */
export function positionOf(cursor: string): Position | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString())
    if (!Array.isArray(parts) || parts.length !== 2) return undefined
    const [at, id] = parts as unknown[]
    return typeof at === "number" && Number.isFinite(at) && typeof id === "string" ? { at, id } : undefined
  } catch {
    return undefined
  }
}
