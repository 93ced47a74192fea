export interface Weighted {
  readonly id: string
  /** Share relative to the others; 0 or less is never chosen. */
  readonly weight: number
}

/**
 * Weighted rendezvous hashing (highest score of `-weight / ln(u)`): the same key always gives the same order, keys spread by weight,
 * and when a node goes only the keys that were on it move.
 */
export function rendezvousOrder<Node extends Weighted>(key: string, nodes: readonly Node[]): Node[] {
  return nodes
    .filter((node) => node.weight > 0)
    .map((node) => ({ node, score: score(key, node) }))
    .sort((a, b) => b.score - a.score || (a.node.id < b.node.id ? -1 : 1))
    .map(({ node }) => node)
}

/** The first of {@link rendezvousOrder}; undefined if no node has weight. */
export function rendezvousPick<Node extends Weighted>(key: string, nodes: readonly Node[]): Node | undefined {
  return rendezvousOrder(key, nodes)[0]
}

function score(key: string, { id, weight }: Weighted): number {
  const bits = Number(Bun.hash.xxHash64(`${key.length}:${key}${id}`) >> 11n)
  return -weight / Math.log((bits + 0.5) / 2 ** 53)
}
