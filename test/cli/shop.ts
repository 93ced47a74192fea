import { closing } from "../support/closing.ts"
import { type Gateway, startGateway } from "../support/gateway.ts"
import { fakeUpstream } from "../support/upstream.ts"

/** A file with one provider, called `shop`. */
export const providerAt = (url: string, more: object = {}) => ({
  client: { drain_seconds: 20 },
  providers: {
    shop: {
      keys: [{ name: "k", value: "sk-test", models: ["m"], weight: 1 }],
      network_config: { base_url: url },
      custom_provider_config: { base_provider_type: "openai" },
      ...more,
    },
  },
})

/** A streamed call to it. */
export const call = (gateway: Gateway) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "shop/m", stream: true, messages: [{ role: "user", content: "Hello" }] }),
  })

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

/** A call whose stream goes on when it is let go. */
export async function heldCall() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const upstream = await fakeUpstream({
    script: async (writer) => {
      writer.head(200, { "content-type": "text/event-stream" })
      await writer.write(chunk({ role: "assistant", content: "one " }))
      await released
      await writer.write(chunk({ content: "two" }))
      await writer.write(`${chunk({}, "stop")}data: [DONE]\n\n`)
      await writer.end()
    },
  })
  const gateway = await startGateway({ config: providerAt(upstream.url) })
  return closing({ gateway, answer: await call(gateway), release }, gateway, upstream)
}

/** Until the gateway has said so. */
export async function untilPrinted(gateway: Gateway, text: string): Promise<void> {
  while (!gateway.output().includes(text)) await Bun.sleep(10)
}
