import type { ListedModel, ModelShape } from "./dialect.ts"

/** https://platform.openai.com/docs/api-reference/models/list */
export const openaiShape: ModelShape = {
  list: (models) => ({ object: "list", data: models.map(openaiModel) }),
  one: openaiModel,
}

function openaiModel(model: ListedModel) {
  return {
    id: model.name,
    object: "model",
    created: Math.floor(model.created ?? 0),
    owned_by: model.ownedBy ?? model.provider,
    ...(model.contextTokens === undefined ? {} : { context_length: model.contextTokens }),
    ...(model.maxOutputTokens === undefined ? {} : { max_output_tokens: model.maxOutputTokens }),
  }
}

/** https://docs.anthropic.com/en/api/models-list, always in one page. */
export const anthropicShape: ModelShape = {
  list: (models) => ({
    data: models.map(anthropicModel),
    has_more: false,
    first_id: models.at(0)?.name ?? null,
    last_id: models.at(-1)?.name ?? null,
  }),
  one: anthropicModel,
}

function anthropicModel(model: ListedModel) {
  return {
    type: "model",
    id: model.name,
    display_name: model.label ?? model.name,
    created_at: new Date((model.created ?? 0) * 1_000).toISOString(),
  }
}
