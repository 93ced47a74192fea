import type { Socket, SocketHandler } from "bun"
import { Connection, type Owner } from "./connection.ts"

/** How connections are made. */
export interface Dialing {
  /** Where a host may be reached, best first; at least one. Throws where it may not. */
  addresses(hostname: string): Promise<readonly string[]>
  /** For the lookup and all addresses together, in milliseconds. */
  readonly connectMs: number
  /** What is thrown when that is over. */
  late(): Error
}

export interface Place {
  readonly hostname: string
  readonly port: number
  /** Connections which the system still tries to make though nobody waits for them: it cannot be told to stop. */
  stuck: number
}

/** Of connections that are stuck to one place; beyond it nobody answers there. */
const mostStuck = 1_024
/** The next address is tried beside one that has not answered for so long (RFC 8305 §5). */
const patienceMs = 250
/** An answer may be minutes away, which is longer than some routers remember a silent connection. */
const keepAliveMs = 30_000

/** A connection to the first address that accepts one. @throws what the last address said, or `late()` */
export async function connect(place: Place, dialing: Dialing, owner: Owner): Promise<Connection> {
  if (place.stuck >= mostStuck) throw dialing.late()
  const race = new Race(place, owner)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(dialing.late()), dialing.connectMs)
  try {
    return await Promise.race([race.run(await Promise.race([dialing.addresses(place.hostname), late.promise])), late.promise])
  } finally {
    clearTimeout(timer)
    race.end()
  }
}

/** Of several addresses the first to accept; connections made after that are ended. */
class Race {
  private pending = 0
  private won = false
  private ended = false

  constructor(
    private readonly place: Place,
    private readonly owner: Owner,
  ) {}

  end(): void {
    this.ended = true
    this.place.stuck += this.pending
  }

  async run(addresses: readonly string[]): Promise<Connection> {
    const begun: Promise<Connection>[] = []
    for (const address of addresses) {
      begun.push(this.dial(address))
      if (begun.length === addresses.length) break
      const first = await firstWithin(patienceMs, begun)
      if (first) return first
      if (this.ended) break
    }
    try {
      return await Promise.any(begun)
    } catch (error) {
      throw error instanceof AggregateError ? (error.errors.at(-1) ?? error) : error
    }
  }

  private async dial(hostname: string): Promise<Connection> {
    const holder: Holder = { owner: this.owner, connection: undefined }
    const socket = await this.opening(hostname, holder)
    const connection = holder.connection ?? opened(socket)
    if (this.won || this.ended) connection.close()
    else this.won = true
    return connection
  }

  private async opening(hostname: string, holder: Holder): Promise<Socket<Holder>> {
    this.pending += 1
    try {
      return await Bun.connect<Holder>({ hostname, port: this.place.port, socket: handlers, data: holder })
    } finally {
      this.pending -= 1
      if (this.ended) this.place.stuck -= 1
    }
  }
}

/** Undefined when none has accepted yet, or all have refused. */
async function firstWithin(ms: number, begun: readonly Promise<Connection>[]): Promise<Connection | undefined> {
  const patience = Promise.withResolvers<undefined>()
  const timer = setTimeout(patience.resolve, ms)
  try {
    return await Promise.race([Promise.any(begun), patience.promise])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

interface Holder {
  readonly owner: Owner
  connection: Connection | undefined
}

/** Made as soon as the socket opens, so that it hears of everything that happens to it. */
function opened(socket: Socket<Holder>): Connection {
  const { data } = socket
  data.connection ??= new Connection(socket, data.owner)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, keepAliveMs)
  return data.connection
}

const handlers: SocketHandler<Holder> = {
  open: (socket) => void opened(socket),
  data: ({ data }, bytes) => data.connection?.onData(bytes),
  drain: ({ data }) => data.connection?.onDrain(),
  end: ({ data }) => data.connection?.onEnd(),
  close: ({ data }) => data.connection?.onClose(),
  error: ({ data }) => data.connection?.onClose(),
}
