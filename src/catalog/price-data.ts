import type { ModelInfo, ModelPrice, Provider } from "@pydantic/genai-prices"

export type { ModelInfo, ModelPrice } from "@pydantic/genai-prices"

type PriceData = typeof import("@pydantic/genai-prices")

let held: PriceData | undefined

/** The price list comes with the binary. Reading it takes tens of milliseconds, so that waits until somebody asks. */
const data = (): PriceData => {
  held ??= require("@pydantic/genai-prices") as PriceData
  return held
}

/** Reads the price list now, so that no call has to wait for it. */
export const warmCatalog = (): void => {
  data()
}

/** A model of one seller, by the list's own id of the seller, with its prices at that time. Undefined when either is not listed. */
export function findModel(
  seller: string,
  model: string,
  at: number,
): { readonly info: ModelInfo; readonly price: ModelPrice } | undefined {
  if (model === "") return undefined
  try {
    const found = data().calcPrice({}, model, { providerId: seller, timestamp: new Date(at) })
    return found && found.provider.id === seller ? { info: found.model, price: found.model_price } : undefined
  } catch {
    return undefined
  }
}

/** Who claims a bare model name in the list. */
export const findClaimant = (model: string): Provider | undefined =>
  model === "" ? undefined : data().findProvider({ modelId: model })

/** Whether the seller lists the model by name. */
export const sells = (seller: string, model: string): boolean => findModel(seller, model, Date.now()) !== undefined
