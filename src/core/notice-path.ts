import type { Note, Notice } from "./notice.ts"

/**
 * What a wire calls the places of the hub, for notices: the hub's path to the wire's own, `[*]` for indices in both. The longest beginning of a path
 * that is named counts; one that ends in a dot names only what lies below. What is not named keeps its path, as fields do that nobody modelled.
 */
export type PathTable = Readonly<Record<string, string>>

export interface WirePaths {
  readonly request: PathTable
  readonly response: PathTable
}

/** A path of the hub as the wire's vendor documents it. */
export function spellPath(path: string, table: PathTable): string {
  const named = (key: string): string | undefined => (Object.hasOwn(table, key) ? table[key] : undefined)
  const whole = named(path)
  if (whole !== undefined) return whole
  for (let cut = path.length - 1; cut > 0; cut--) {
    const boundary = path[cut]
    if (boundary !== "." && boundary !== "[") continue
    const start = path.slice(0, cut)
    const own = (boundary === "." ? named(`${start}.`) : undefined) ?? named(start)
    if (own !== undefined) return own + path.slice(own === "" && boundary === "." ? cut + 1 : cut)
  }
  return path
}

/** Raises what is said of a request under the names that its caller wrote. */
export const inCallersWords =
  (note: Note, { request }: WirePaths): Note =>
  (notice) =>
    note(notice.side === "request" ? { ...notice, path: spellPath(notice.path, request) } : notice)

/** Notices as they are told: about the request in its caller's words, about the answer in its vendor's. Those that become one are counted as one. */
export function spellNotices(
  list: readonly Notice[],
  wires: { readonly caller: WirePaths; readonly upstream: WirePaths },
): readonly Notice[] {
  if (list.length === 0) return list
  const told = new Map<string, Notice>()
  for (const notice of list) {
    const table = notice.side === "request" ? wires.caller.request : wires.upstream.response
    const path = spellPath(notice.path, table)
    const key = `${notice.side}:${notice.code}:${path}`
    const count = (told.get(key)?.count ?? 0) + notice.count
    told.set(key, { ...notice, path, count })
  }
  return [...told.values()]
}
