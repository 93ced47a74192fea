import type { AddressInfo, Server } from "node:net"

/** A server on a port of loopback. */
export interface Listener {
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Connections open now. */
  readonly open: number
  /** Cuts every connection without a word, as a dead peer's network does. */
  drop(): void
  stop(): Promise<void>
}

export interface Connections<Connection> {
  accepted(): number
  /** Those that are open, kept up to date by the server. */
  readonly open: ReadonlySet<Connection>
  /** Cuts one without a word. */
  drop(connection: Connection): void
}

/** Makes a server listen on a port of the kernel's choice. */
export async function listening<Connection extends { destroy(): void }>(
  server: Pick<Server, "listen" | "close" | "address" | "once">,
  { accepted, open, drop }: Connections<Connection>,
): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted()
    },
    get open() {
      return open.size
    },
    drop() {
      for (const connection of open) drop(connection)
    },
    stop() {
      for (const connection of open) connection.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
