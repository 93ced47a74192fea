import type { Environment, ProviderFacts } from "../facts.ts"
import { EVERYTHING, NOTHING } from "../name-filter.ts"
import type { Path, Report } from "../problem.ts"
import type { KeyInput } from "../schema/key.ts"
import { concurrency } from "../schema/network.ts"
import type { ProviderInput } from "../schema/provider.ts"
import type { KeyConfig, NetworkConfig, ProviderConfig } from "../types.ts"
import { endingLike, endsInVersion, warnOfPrivate } from "./base-url.ts"
import { compileKey, type KeyContext } from "./key.ts"
import { compileNetwork, compileProxy } from "./network.ts"
import { isEmptyText, type References } from "./references.ts"
import { compileAllowed, compileOverrides } from "./requests.ts"

export interface ProviderContext {
  readonly version: 1 | 2
  readonly env: Environment
  readonly references: References
  readonly report: Report
}

export type ProviderDraft = Omit<ProviderConfig, "fallbacks">

/** Reads one provider whose kind is known: `facts` are those of the built-in one whose API it speaks. */
export function compileProvider(
  id: string,
  input: ProviderInput,
  facts: ProviderFacts,
  path: Path,
  context: ProviderContext,
): ProviderDraft {
  const { report } = context
  const references = input.enabled ? context.references : context.references.lenient
  const custom = input.custom_provider_config
  const customPath = [...path, "custom_provider_config"]
  const keyless = custom?.is_key_less ?? !facts.needsKey
  const written = compileNetwork(
    input.network_config,
    custom === undefined ? facts.defaultBaseUrl : undefined,
    [...path, "network_config"],
    references,
    report,
  )
  const keyContext: KeyContext = {
    provider: id,
    version: context.version,
    references,
    report,
    meta: { input: input.meta_config, path: [...path, "meta_config"] },
  }
  const compiled = compileKeys(input, facts, keyless, path, keyContext, context.env)
  const network = input.network_config?.base_url === undefined ? addressedBy(compiled, written) : written
  const keys = compiled.map((key) => endingAlike(key, network))
  if (input.enabled) {
    checkAddress(input, facts, keys, path, report)
    checkWeights(keys, path, report)
    if (!network.allowPrivateNetwork)
      for (const [index, key] of keys.entries()) warnOfPrivate(key.settings.url, [...path, "keys", index], report)
  }
  const limits = input.concurrency_and_buffer_size ?? concurrency.parse({})
  return {
    id,
    baseType: facts.id,
    custom: custom !== undefined,
    enabled: input.enabled,
    keys,
    keyless,
    keyVariable: input.keys === undefined ? customaryVariable(input, facts) : undefined,
    network,
    concurrency: limits.concurrency,
    bufferSize: limits.buffer_size,
    proxy: compileProxy(input.proxy_config, [...path, "proxy_config"], references, report),
    pathOverrides: compileOverrides(custom, customPath, report),
    allowedRequests: compileAllowed(custom, customPath, report),
    flags: {
      sendBackRawRequest: input.send_back_raw_request,
      sendBackRawResponse: input.send_back_raw_response,
    },
  }
}

/** Keys that say where their server is say so for a provider whose file does not. */
function addressedBy(keys: readonly KeyConfig[], network: NetworkConfig): NetworkConfig {
  const url = (keys.find((key) => key.enabled && key.settings.url !== undefined) ?? keys[0])?.settings.url
  return url === undefined ? network : { ...network, baseUrl: url, baseHasVersion: endsInVersion(url) }
}

/** Paths are the provider's, so all its addresses end in a version or none does. */
function endingAlike(key: KeyConfig, { baseUrl }: NetworkConfig): KeyConfig {
  const { url } = key.settings
  if (url === undefined || baseUrl === undefined) return key
  return { ...key, settings: { ...key.settings, url: endingLike(url, baseUrl) } }
}

function compileKeys(
  input: ProviderInput,
  facts: ProviderFacts,
  keyless: boolean,
  path: Path,
  context: KeyContext,
  env: Environment,
): KeyConfig[] {
  const { report } = context
  const customary = customaryVariable(input, facts)
  if (input.keys === undefined && customary !== undefined && (env[customary]?.trim() ?? "") !== "")
    return [compileKey({ name: customary, value: `env.${customary}` }, [...path, "keys", 0], context)]
  const given = input.keys ?? []
  const keys = given.map((key, index) => compileKey(key, [...path, "keys", index], context))
  for (const [index, key] of keys.entries()) {
    const lacking = key.enabled && !keyless && key.value === undefined && Object.keys(key.settings).length === 0
    if (input.enabled && lacking) explainNoValue(given[index]?.value, [...path, "keys", index], facts, input, report)
  }
  if (keys.length === 0 && (keyless || input.meta_config !== undefined)) return [standIn(input, path, context)]
  if (input.enabled && !keys.some((key) => key.enabled || key.unset !== undefined)) {
    const hint = customary === undefined ? "add one under keys" : `add one under keys, or leave out keys and set ${customary}`
    report.warn(path, "this provider has no key in use, so only callers with a key of their own can reach it", hint)
  }
  return distinct(keys, given, path, context)
}

/** The variable that customarily holds the key of a provider; one of the operator's own has none. */
const customaryVariable = (input: ProviderInput, facts: ProviderFacts): string | undefined =>
  input.custom_provider_config === undefined ? facts.env : undefined

function explainNoValue(
  written: KeyInput["value"],
  path: Path,
  facts: ProviderFacts,
  input: ProviderInput,
  report: Report,
): void {
  const custom = input.custom_provider_config !== undefined
  const hint = `write "value": "env.${(custom ? undefined : facts.env) ?? "NAME"}" to read it from the environment`
  if (written === undefined) report.error(path, "this key has no value", hint)
  else if (!isEmptyText(written)) return
  else if (custom)
    report.warn(
      [...path, "value"],
      "is empty, so calls carry no credential",
      'write "is_key_less": true in custom_provider_config if that is meant',
    )
  else report.error([...path, "value"], "is empty", hint)
}

/** What stands for the credential of a provider that asks for none. */
function standIn(input: ProviderInput, path: Path, context: KeyContext): KeyConfig {
  const key = compileKey({ name: context.provider }, [...path, "keys", 0], context)
  return input.meta_config === undefined ? { ...key, models: EVERYTHING, blockedModels: NOTHING } : key
}

/** Ids and names are what logs, limits and cool-downs hang on, so two keys must not share one. */
function distinct(keys: readonly KeyConfig[], given: ProviderInput["keys"], path: Path, context: KeyContext): KeyConfig[] {
  const ids = new Map<string, number>()
  const names = new Map<string, number>()
  const result: KeyConfig[] = []
  for (const [index, key] of keys.entries()) {
    const at = [...path, "keys", index]
    const written = given?.[index]
    const field = written?.id === undefined ? "name" : "id"
    const before = ids.get(key.id)
    const namedBefore = written?.name === undefined ? undefined : names.get(written.name)
    let id = key.id
    if (before !== undefined && written?.id === undefined && written?.name === undefined) id = `${id}-${index}`
    else if (before !== undefined)
      context.report.error(
        [...at, field],
        `keys[${before}] has the same ${field === "id" ? "id" : "name or id"}`,
        "give every key of a provider its own",
      )
    else if (namedBefore !== undefined)
      context.report.error([...at, "name"], `keys[${namedBefore}] has the same name`, "give every key of a provider its own")
    ids.set(id, index)
    if (written?.name !== undefined) names.set(written.name, index)
    result.push({ ...key, id, name: key.name === "" ? id : key.name })
  }
  return result
}

function checkAddress(input: ProviderInput, facts: ProviderFacts, keys: readonly KeyConfig[], path: Path, report: Report): void {
  if (input.network_config?.base_url !== undefined) return
  if (input.custom_provider_config !== undefined)
    report.error(path, "a provider of your own needs an address", 'write "network_config": { "base_url": "https://…" }')
  else if (
    facts.needsBaseUrl === true &&
    !keys.some((key) => key.unset !== undefined || key.settings.url !== undefined || key.settings.endpoint !== undefined)
  )
    report.error(path, "this provider has no usual address", 'write "network_config": { "base_url": "http://…" }')
}

function checkWeights(keys: readonly KeyConfig[], path: Path, report: Report): void {
  const inUse = keys.filter((key) => key.enabled)
  if (inUse.length > 0 && inUse.every(({ weight }) => weight === 0))
    report.warn(
      [...path, "keys"],
      "every key has the weight 0, so only calls that ask for one by name are served",
      "give one a weight",
    )
}
