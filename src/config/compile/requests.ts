import { nearestName } from "../nearest-name.ts"
import type { Path, Report } from "../problem.ts"
import type { CustomProviderInput } from "../schema/provider.ts"
import { readAddress } from "./base-url.ts"
import { REQUEST_TYPES } from "./request-types.ts"

/** By request type; what is no type of request is reported. */
export function compileAllowed(
  custom: CustomProviderInput | undefined,
  path: Path,
  report: Report,
): "all" | ReadonlyMap<string, boolean> {
  if (custom?.allowed_requests === undefined) return "all"
  checkRequestTypes(Object.keys(custom.allowed_requests), [...path, "allowed_requests"], report)
  return new Map(Object.entries(custom.allowed_requests))
}

/** Paths and addresses by request type; one that is neither is reported, and left out. */
export function compileOverrides(
  custom: CustomProviderInput | undefined,
  path: Path,
  report: Report,
): ReadonlyMap<string, string> {
  const given = Object.entries(custom?.request_path_overrides ?? {})
  const at = [...path, "request_path_overrides"]
  checkRequestTypes(
    given.map(([name]) => name),
    at,
    report,
  )
  const targets = new Map<string, string>()
  for (const [name, target] of given) {
    if (target.startsWith("/")) targets.set(name, target)
    else if (!/^https?:\/\/[^/]/.test(target))
      report.error([...at, name], 'must be a path that begins with "/", or a whole address')
    else if (readAddress(target.split("?")[0], [...at, name], report) !== undefined) targets.set(name, target)
  }
  return targets
}

function checkRequestTypes(names: readonly string[], path: Path, report: Report): void {
  for (const name of names) {
    if (REQUEST_TYPES.includes(name)) continue
    const nearest = nearestName(name, REQUEST_TYPES)
    if (nearest === undefined) report.warn([...path, name], `no request type is called "${name}"`)
    else report.unknownName([...path, name], `no request type is called "${name}"`, `did you mean "${nearest}"?`)
  }
}
