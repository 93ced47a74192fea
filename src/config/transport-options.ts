import type { ProviderConfig } from "./types.ts"

/** What a provider's connections depend on; equal options may share a pool. */
export interface ConnectionOptions {
  readonly provider: string
  readonly http2: "auto" | "on" | "off"
  readonly connectMs: number
  readonly insecureSkipVerify: boolean
  readonly caPem: string | undefined
  readonly allowPrivateNetwork: boolean
  readonly proxy: "environment" | { readonly url: string } | undefined
}

/** With the name and password of a proxy in its URL: for connections, not to be shown. */
export function connectionOptions({ id, network, proxy }: ProviderConfig): ConnectionOptions {
  return {
    provider: id,
    http2: network.http2,
    connectMs: network.timeouts.connectMs,
    insecureSkipVerify: network.tls.insecureSkipVerify,
    caPem: caOf(network.tls.caPem, proxy),
    allowPrivateNetwork: network.allowPrivateNetwork,
    proxy: proxy.kind === "none" ? undefined : proxy.kind === "environment" ? "environment" : { url: proxyUrl(proxy) },
  }
}

type Proxy = Extract<ProviderConfig["proxy"], { url: string }>

/** The authorities of the provider and of its proxy are trusted together. */
function caOf(ca: string | undefined, proxy: ProviderConfig["proxy"]): string | undefined {
  const proxyCa = "caPem" in proxy ? proxy.caPem : undefined
  const parts = [ca, proxyCa].filter((pem) => pem !== undefined)
  return parts.length === 0 ? undefined : parts.join("\n")
}

function proxyUrl(proxy: Proxy): string {
  const url = new URL(proxy.url)
  if (proxy.username !== undefined) url.username = proxy.username
  if (proxy.password !== undefined) url.password = proxy.password.reveal()
  return url.href
}
