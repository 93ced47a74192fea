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
export async function send(options: Partial<TransportOptions>, url: string): Promise<Response> {
  const transport = httpTransport({ ...plain, ...options })
  const headers = new Headers({ "content-type": "application/json" })
  const answer = await transport.send(url, { method: "POST", headers, body: Buffer.from("{}") }).answer
  return new Response(Buffer.from(await answer.bytes()), {
    status: answer.status,
    headers: [...answer.headers] as [string, string][],
  })
}
