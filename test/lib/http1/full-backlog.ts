import { dlopen, ptr } from "bun:ffi"

export interface Backlog {
  readonly port: number
  /** Takes one connection from the queue; undefined where there is none. */
  accept(): Accepted | undefined
  stop(): void
}

export interface Accepted {
  /** Whether the other side has closed it. */
  ended(): boolean
  close(): void
}

/** A port of 127.0.0.1 on which somebody listens and nobody accepts. Its queue is full once one connection has been made to it. Linux only. */
export function fullBacklog(): Backlog {
  const { symbols: system } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
    getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    accept4: { args: ["i32", "ptr", "ptr", "i32"], returns: "i32" },
    recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
  })
  const [inet, stream] = [2, 1]
  const descriptor = system.socket(inet, stream, 0)
  // struct sockaddr_in: family, port and address in network order, padding
  const address = new Uint8Array(16)
  const view = new DataView(address.buffer)
  view.setUint16(0, inet, true)
  view.setUint32(4, 0x7f_00_00_01)
  const length = new Uint32Array([address.length])
  if (system.bind(descriptor, ptr(address), address.length) !== 0 || system.listen(descriptor, 0) !== 0)
    throw new Error("cannot listen on loopback")
  system.getsockname(descriptor, ptr(address), ptr(length))
  const [setFlags, nonBlocking] = [4, 0o4000]
  system.fcntl(descriptor, setFlags, nonBlocking)
  let stopped = false
  const byte = new Uint8Array(1)
  return {
    port: view.getUint16(2),
    accept() {
      const accepted = system.accept4(descriptor, null, null, nonBlocking)
      if (accepted < 0) return undefined
      return { ended: () => system.recv(accepted, ptr(byte), 1, 0) === 0n, close: () => void system.close(accepted) }
    },
    stop: () => {
      if (stopped) return
      stopped = true
      system.close(descriptor)
    },
  }
}
