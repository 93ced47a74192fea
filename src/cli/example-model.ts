import type { ProviderEntry } from "../core/registry.ts"

/** Names of models that do not chat. */
const otherKinds =
  /embed|whisper|tts|speech|audio|voice|image|dall|sora|video|moderat|realtime|transcri|rerank|guard|instruct|search|davinci|babbage/i

/**
 * A model that a first call can use, as `provider/model`: one that the configuration spells out or that its provider lists, the stand-in's only
 * where no other is known. `listed` holds names in the same form.
 */
export function exampleModel(providers: Iterable<ProviderEntry>, listed: readonly string[]): string | undefined {
  let standIn: string | undefined
  for (const { id, keys, standIn: stands } of providers) {
    const spelled = keys.flatMap(({ names }) => names.map((name) => `${id}/${name}`))
    const model = [...spelled, ...listed.filter((name) => name.startsWith(`${id}/`))].find((name) => !otherKinds.test(name))
    if (model === undefined) continue
    if (!stands) return model
    standIn ??= model
  }
  return standIn
}
