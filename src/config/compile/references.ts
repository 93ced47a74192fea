import type { Environment } from "../facts.ts"
import type { Path, Report } from "../problem.ts"
import type { Reference } from "../schema/values.ts"
import { Secret } from "../secret.ts"

/** Replaces references (`env.NAME`) by what they stand for. What cannot be found is reported and comes back as undefined. */
export interface References {
  secret(value: Reference | undefined, path: Path): Secret | undefined
  text(value: Reference | undefined, path: Path): string | undefined
  /** The same, with what is missing reported only as a warning: for parts that are switched off. */
  readonly lenient: References
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
/** How other gateways and shells write a reference; here such a text would be sent as the key itself. */
const FOREIGN_REFERENCE = /^(?:\$\{?([A-Za-z_]\w*)\}?|os\.environ\/([A-Za-z_]\w*)|\{\{\s*env\.([A-Za-z_]\w*)\s*\}\})$/

export function createReferences(env: Environment, report: Report): References {
  const build = (required: boolean): References => {
    const complain = required ? report.error : report.warn
    const resolve = (value: Reference | undefined, path: Path): { text: string; origin?: string } | undefined => {
      const pointed = value === undefined ? undefined : pointer(value)
      if (pointed === undefined) return undefined
      if (pointed.kind === "literal") {
        const foreign = FOREIGN_REFERENCE.exec(pointed.text)
        const name = foreign?.[1] ?? foreign?.[2] ?? foreign?.[3]
        if (name !== undefined)
          report.warn(
            path,
            "looks like a reference to an environment variable, but is taken word for word",
            `write "env.${name}"`,
          )
        return { text: pointed.text }
      }
      if (pointed.kind === "vault") {
        complain(
          path,
          "references to a vault are not supported",
          'put the value into an environment variable and write "env.NAME"',
        )
        return undefined
      }
      if (!VARIABLE.test(pointed.name)) {
        complain(path, 'after "env." the name of an environment variable is expected', "letters, digits and underscores")
        return undefined
      }
      const found = env[pointed.name]?.trim()
      if (found !== undefined && found !== "") return { text: found, origin: `env.${pointed.name}` }
      const state = found === undefined ? "is not set" : "is empty"
      complain(
        path,
        `the environment variable ${pointed.name} ${state}`,
        `set it before the start, or write "enabled": false where it is not wanted`,
      )
      return undefined
    }
    return {
      secret(value, path) {
        const found = resolve(value, path)
        return found === undefined || found.text === "" ? undefined : new Secret(found.text, found.origin)
      },
      text(value, path) {
        const found = resolve(value, path)
        return found === undefined || found.text === "" ? undefined : found.text
      },
      get lenient() {
        return build(false)
      },
    }
  }
  return build(true)
}

type Pointer = { kind: "literal"; text: string } | { kind: "env"; name: string } | { kind: "vault" }

function pointer(value: Reference): Pointer | undefined {
  if (typeof value === "string") return textPointer(value)
  if (value.type === "vault") return { kind: "vault" }
  const name = value.env_var ?? (value.type === "env" ? value.ref : undefined)
  const named = value.from_env === true || value.type === "env" || (value.value ?? "") === ""
  if (name !== undefined && name !== "" && named) return { kind: "env", name: name.replace(/^env\./, "") }
  return value.value === undefined ? undefined : textPointer(value.value)
}

function textPointer(text: string): Pointer {
  const bare = text.trim()
  if (bare.startsWith("env.")) return { kind: "env", name: bare.slice(4) }
  if (bare.startsWith("vault.")) return { kind: "vault" }
  return { kind: "literal", text: bare }
}
