import type { ModelInfo, ModelList } from "../core/provider.ts"
import { asArray, asNumber, asObject, asString, type JsonObject, parseJson } from "../lib/json.ts"

function entries(body: string): { readonly root: JsonObject; readonly data: readonly JsonObject[] } {
  const root = asObject(parseJson(body)) ?? {}
  const data: JsonObject[] = []
  for (const entry of asArray(root.data) ?? []) {
    const object = asObject(entry)
    if (object) data.push(object)
  }
  return { root, data }
}

/** `GET /v1/models` as OpenAI answers it (https://platform.openai.com/docs/api-reference/models/list); OpenRouter and Groq add sizes. */
export const openaiModels = (path: string): ModelList => ({
  path,
  parse: (body) => ({ models: entries(body).data.flatMap(openaiModel) }),
})

function openaiModel(entry: JsonObject): readonly ModelInfo[] {
  const id = asString(entry.id)
  if (id === undefined) return []
  const top = asObject(entry.top_provider)
  return [
    withoutUndefined({
      id,
      created: asNumber(entry.created),
      label: asString(entry.name),
      ownedBy: asString(entry.owned_by),
      contextTokens: asNumber(entry.context_length) ?? asNumber(entry.context_window),
      maxOutputTokens: asNumber(top?.max_completion_tokens) ?? asNumber(entry.max_completion_tokens),
    }),
  ]
}

/** `GET /v1/models` as Anthropic answers it (https://docs.anthropic.com/en/api/models-list), page by page. */
export const anthropicModels: ModelList = {
  path: "/v1/models?limit=1000",
  parse(body) {
    const { root, data } = entries(body)
    const models = data.flatMap((entry) => {
      const id = asString(entry.id)
      const created = Date.parse(asString(entry.created_at) ?? "")
      return id === undefined
        ? []
        : [withoutUndefined({ id, label: asString(entry.display_name), created: created > 0 ? created / 1_000 : undefined })]
    })
    const last = asString(root.last_id)
    return root.has_more === true && last !== undefined
      ? { models, next: `limit=1000&after_id=${encodeURIComponent(last)}` }
      : { models }
  },
}

type Loose = { readonly [K in keyof ModelInfo]: ModelInfo[K] | undefined } & { readonly id: string }

const withoutUndefined = (info: Loose): ModelInfo =>
  Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined)) as unknown as ModelInfo
