import { nearestName } from "../nearest-name.ts"
import type { Path, Report } from "../problem.ts"
import type { ProviderInput } from "../schema/provider.ts"
import type { FallbackConfig } from "../types.ts"

/** A fallback names a provider of this file. One that was left out because it cannot be called is left out here too. */
export function compileFallbacks(
  given: NonNullable<ProviderInput["fallbacks"]>,
  known: ReadonlySet<string>,
  skipped: ReadonlySet<string>,
  path: Path,
  report: Report,
): FallbackConfig[] {
  return given.flatMap((fallback, index) => {
    const slash = typeof fallback === "string" ? fallback.indexOf("/") : -1
    const name = typeof fallback === "string" ? (slash < 0 ? fallback : fallback.slice(0, slash)) : fallback.provider
    const model = typeof fallback === "string" ? (slash < 0 ? undefined : fallback.slice(slash + 1)) : fallback.model
    const provider = name.toLowerCase()
    if (known.has(provider) && model !== "") return [{ provider, model }]
    const at = [...path, index]
    if (model === "") report.error(at, 'after the "/" the name of a model is expected')
    else if (skipped.has(provider)) report.warn(at, `${provider} is not in use, so nothing falls back to it`)
    else {
      const nearest = nearestName(name, known)
      report.error(
        at,
        `"${name}" is not a provider of this file`,
        nearest !== undefined
          ? `did you mean "${nearest}"?`
          : typeof fallback === "string" && slash < 0
            ? 'write "provider/model"'
            : `add it to "providers"; there is ${[...known].join(", ")}`,
      )
    }
    return []
  })
}
