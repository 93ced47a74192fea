import { httpTransport, type TransportOptions } from "../../src/dispatch/transport.ts"

/** What is asked of no provider in particular. */
export const plain: TransportOptions = {
  provider: "p",
  http2: "off",
  connectMs: 2_000,
  insecureSkipVerify: false,
  allowPrivateNetwork: false,
}

/** Posts `{}` over a transport of its own. */
export const send = (options: Partial<TransportOptions>, url: string, signal = new AbortController().signal) => {
  const transport = httpTransport({ ...plain, ...options })
  return transport.send(url, {
    method: "POST",
    headers: new Headers({ "content-type": "application/json" }),
    body: Buffer.from("{}"),
    signal,
  })
}
