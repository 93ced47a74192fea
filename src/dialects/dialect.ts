import type { ModelInfo } from "../core/provider.ts"
import type { Wire } from "../core/wire.ts"

export interface Endpoint {
  /** After each of the dialect's prefixes. */
  readonly path: string
  readonly wire: Wire
  /** Its clients add the version of the path by themselves, so that their base URL goes without. */
  readonly addsVersion?: true
  /** Bifrost's name for what is asked here; a streamed one ends in `_stream`. */
  readonly requestType: "chat_completion" | "responses"
}

/** A model as callers see it: `name` is `provider/model`. */
export interface ListedModel extends ModelInfo {
  readonly provider: string
  readonly name: string
}

/** The HTTP face of wires for clients: paths, whose models a bare name means, how model lists and errors look. */
export interface Dialect {
  readonly id: string
  /** The provider that a bare model name belongs to here. */
  readonly vendor?: string
  readonly prefixes: readonly string[]
  readonly endpoints: readonly Endpoint[]
  /** Whose error shape the dialect speaks where no wire is at hand. */
  readonly wire: Wire
  /** True for a request whose headers show that its client is of this dialect, whatever path it uses. */
  claims?(headers: Headers): boolean
  readonly models: ModelShape
}

export interface ModelShape {
  list(models: readonly ListedModel[]): object
  one(model: ListedModel): object
}
