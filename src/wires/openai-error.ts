import { blameOf, type GatewayError, statusOf, type UpstreamContext } from "../core/error.ts"
import type { WireId } from "../core/node.ts"
import { retryAfterMs } from "../lib/http-date.ts"
import type { HttpFields } from "../lib/http1/answer.ts"
import { asNumber, asObject, asString, isJsonText, type Json, type JsonObject, parseJson } from "../lib/json.ts"
import { kindOfError, type SaidError, wordsOfKind } from "./openai-error-kinds.ts"

const maxBody = 64 * 1024
const maxText = 1_000

const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })

/** Errors in the shape that OpenAI has for all its formats, and that all who speak one of them have taken over. */
export interface OpenaiErrors {
  /** Reads an error answer of a vendor of this format. */
  decode(status: number, body: string, headers: HttpFields): GatewayError
  /** The error inside a body or frame that came with status 200; undefined when it holds none. */
  inBody(body: JsonObject): GatewayError | undefined
  /** An error object by itself, as frames and failed answers hold it. */
  ofObject(error: JsonObject): GatewayError
  /** The error's own object. An error of this wire keeps the vendor's own type and code. */
  object(error: GatewayError): { readonly message: string; readonly type: string; readonly param: Json; readonly code: Json }
  /** The vendor's own status for its own error; ours for what the gateway made of it. */
  encode(error: GatewayError): { readonly status: number; readonly body: Json }
}

/** `keepsObjects`: the vendor keeps answers and items of this format, so that a 404 may be about one of them. */
export function openaiErrors({ wire, keepsObjects }: { wire: WireId; keepsObjects: boolean }): OpenaiErrors {
  const made = (said: SaidError, status: number, upstream: Omit<UpstreamContext, "wire" | "type" | "code">): GatewayError => {
    const kind = kindOfError(said, status, keepsObjects)
    const context = { ...given("type", said.type), ...given("code", said.code), ...upstream, wire }
    return { kind, blame: blameOf(kind), message: said.message, ...given("param", said.param), upstream: context }
  }

  const object: OpenaiErrors["object"] = (error) => {
    const own = error.upstream?.wire === wire ? error.upstream : undefined
    const { type, code } = wordsOfKind(error.kind)
    return { message: error.message, type: own?.type ?? type, param: error.param ?? null, code: own?.code ?? code }
  }

  return {
    object,
    decode(status, body, headers) {
      const json = isJsonText(body) ? asObject(parseJson(body)) : undefined
      const said = (json && saidIn(json)) ?? { message: plainMessage(body, status) }
      const requestId = headers.get("x-request-id") ?? headers.get("request-id") ?? undefined
      const contentType = headers.get("content-type") ?? undefined
      const text = body.slice(0, maxBody)
      const context = { status, ...given("requestId", requestId), body: text, ...given("contentType", contentType) }
      return { ...made(said, status, context), ...given("retryAfterMs", retryAfterMs(headers)) }
    },
    inBody(body) {
      const said = saidIn(body)
      if (!said) return undefined
      const status = said.status !== undefined && said.status >= 400 && said.status < 600 ? said.status : undefined
      return made(said, status ?? 200, { ...given("status", status), body: JSON.stringify(body).slice(0, maxBody) })
    },
    ofObject: (error) => made(saidOf(error), 200, {}),
    encode(error) {
      const own = error.upstream?.wire === wire && error.kind !== "credentials-exhausted" ? error.upstream.status : undefined
      return { status: own !== undefined && own >= 400 ? own : statusOf(error.kind), body: { error: object(error) } }
    },
  }
}

function plainMessage(body: string, status: number): string {
  const text = body.trim()
  return text === "" || text.startsWith("<") ? `the upstream answered with status ${status}` : text.slice(0, maxText)
}

/** `{error:{message,type,param,code}}`, `{error:"…"}`, `{detail:…}`, and the error's own fields at the top. */
function saidIn(body: JsonObject): SaidError | undefined {
  const { error } = body
  const word = asString(error)
  if (word !== undefined) return { message: asString(body.message) ?? word, ...given("code", asString(body.code)) }
  const isBare = body.object === "error" || isBareError(body)
  const inner = asObject(error) ?? asObject(body.detail) ?? (isBare ? body : undefined)
  return inner && saidOf(inner)
}

function saidOf(error: JsonObject): SaidError {
  const message =
    asString(error.message) ?? asString(error.msg) ?? asString(error.detail) ?? "the upstream answered with an error"
  const code = asString(error.code) ?? asNumber(error.code)?.toString() ?? asString(asObject(error.innererror)?.code)
  const raw = asString(asObject(error.metadata)?.raw)
  return {
    message: raw === undefined ? message : `${message}: ${raw.slice(0, maxText)}`,
    ...given("type", asString(error.type) ?? asString(error.status)),
    ...given("code", code),
    ...given("param", asString(error.param)),
    ...given("status", asNumber(error.code) ?? asNumber(error.status_code)),
  }
}

/** Servers that answer with the error's own fields at the top. */
const isBareError = (body: JsonObject): boolean =>
  body.choices === undefined && (asString(body.message) ?? asString(body.detail) ?? asString(body.msg)) !== undefined
