import { createHash } from "node:crypto"
import { EVERYTHING, type NameFilter, NOTHING, readNameList } from "../name-filter.ts"
import type { Path, Report } from "../problem.ts"
import type { KeyInput } from "../schema/key.ts"
import type { MetaConfigInput } from "../schema/key-settings.ts"
import type { KeyConfig, KeySettings } from "../types.ts"
import { compileSettings, metaSettings, settingsDeployments } from "./key-settings.ts"
import type { References } from "./references.ts"

export interface KeyContext {
  readonly provider: string
  readonly version: 1 | 2
  readonly references: References
  readonly report: Report
  readonly meta: { readonly input: MetaConfigInput | undefined; readonly path: Path }
}

/** Reads one key. Its id is not yet checked against its neighbours'. */
export function compileKey(input: KeyInput, path: Path, context: KeyContext): KeyConfig {
  const { report } = context
  const enabled = input.enabled ?? true
  const references = (enabled ? context.references : context.references.lenient).forKey()
  const at = (name: keyof KeyInput) => [...path, name]
  const value = references.secret(input.value, at("value"))
  if (value !== undefined && !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value.reveal()))
    report.error(at("value"), "holds a character that no key has", "a line break, or one that cannot be seen, perhaps")
  else if (value !== undefined && /\*{4}|<redacted>/i.test(value.reveal()))
    report.error(at("value"), "is a masked copy of a key", 'write the key itself, or "env.NAME"')
  const meta = metaSettings(context.meta.input, context.meta.path, value, references, report)
  const settings: KeySettings = { ...meta, ...compileSettings(input, path, references, report) }
  const weight = input.weight ?? 1
  if (weight < 0) report.error(at("weight"), "must not be negative", "0 keeps the key for calls that ask for it by name")
  const aliases = new Map<string, string>()
  const deployments = { ...(context.meta.input?.inference_profiles ?? {}), ...(context.meta.input?.deployments ?? {}) }
  for (const [name, modelId] of Object.entries({ ...deployments, ...settingsDeployments(input) })) aliases.set(name, modelId)
  for (const [name, alias] of Object.entries(input.aliases ?? {}))
    aliases.set(name, typeof alias === "string" ? alias : alias.model_id)
  const unset = references.unset()
  return {
    id: input.id ?? input.name ?? derivedId(context.provider, value?.reveal() ?? JSON.stringify(settings)),
    name: input.name ?? input.id ?? "",
    enabled: enabled && unset === undefined,
    unset,
    value,
    weight: Math.max(0, weight),
    models: compileModels(input.models, enabled, at("models"), context),
    blockedModels: compileList(input.blacklisted_models, NOTHING, at("blacklisted_models"), report),
    aliases,
    settings,
  }
}

/** Depends on nothing but the provider and the key's own content, so edits of other keys do not move it. */
function derivedId(provider: string, content: string): string {
  return `key-${createHash("sha256").update(`${provider}\0${content}`).digest("hex").slice(0, 12)}`
}

function compileModels(given: readonly string[] | undefined, enabled: boolean, path: Path, context: KeyContext): NameFilter {
  if (given === undefined) return EVERYTHING
  if (given.length === 0 && context.version === 2 && enabled) {
    context.report.warn(
      path,
      "an empty list means that this key serves no model",
      'write ["*"] for all models, or "version": 1 at the top for the older meaning',
    )
  }
  return compileList(given, context.version === 1 ? EVERYTHING : NOTHING, path, context.report)
}

function compileList(given: readonly string[] | undefined, whenEmpty: NameFilter, path: Path, report: Report): NameFilter {
  const { filter, faults } = readNameList(given ?? [], whenEmpty)
  for (const fault of faults) report.error([...path, fault.index], fault.message)
  return filter
}
