import { connect } from "node:net"

/** One HTTP/1.1 exchange written by hand, for what `fetch` would not send. Resolves with all that came until the connection closed. */
export function rawExchange(url: string, request: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    const socket = connect(Number(port), hostname, () => socket.write(request))
    socket.on("data", (piece) => pieces.push(piece as Uint8Array))
    socket.on("error", reject)
    socket.on("close", () => resolve(Buffer.concat(pieces).toString("latin1")))
  })
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
export const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4)
