import { connect, type Socket } from "node:net"

/** Posts a body as JSON over HTTP/1.1 and takes nothing of the answer until it is resumed. Whoever made it destroys it. */
export function stalledClient(url: string, path: string, json: object): Socket {
  const { hostname, port } = new URL(url)
  const body = JSON.stringify(json)
  const socket = connect(Number(port), hostname)
  socket.on("error", () => undefined)
  socket.pause()
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return socket
}
