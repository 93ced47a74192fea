import { redactText } from "../../lib/redact.ts"
import type { Environment } from "../facts.ts"
import type { Path, Report } from "../problem.ts"
import type { Reference } from "../schema/values.ts"
import { Secret } from "../secret.ts"

interface Lookup {
  secret(value: Reference | undefined, path: Path): Secret | undefined
  text(value: Reference | undefined, path: Path): string | undefined
}

/** Replaces references (`env.NAME`) by what they stand for. What cannot be found is reported and comes back as undefined. */
export interface References extends Lookup {
  /** For parts that are switched off: what is missing there is not missed. */
  readonly lenient: References
  /** For one provider key. */
  forKey(): KeyReferences
}

export interface KeyReferences extends Lookup {
  /** The variable without which the key is of no use; undefined too where its absence is an error. */
  unset(): string | undefined
}

/** What an unset variable of a provider key brings about: a refusal of the file, or a warning and the loss of that key. */
export type UnsetKeys = "refuse" | "leave-out"

/** References into `env`; what is wrong or unset is reported at the path it was asked for with. */
export function createReferences(env: Environment, report: Report, unsetKeys: UnsetKeys): References {
  const required = lookup(env, report, {
    wrong: report.error,
    unset: (path, { name, state }) =>
      report.error(
        path,
        `the environment variable ${name} is ${state}`,
        path[0] === "providers"
          ? 'set it before the start, or write "enabled": false where it is not wanted'
          : "set it before the start, or leave this setting out",
      ),
  })
  const idle = lookup(env, report, { wrong: report.warn, unset: () => {} })
  const lenient: References = {
    ...idle,
    forKey: () => ({ ...idle, unset: () => undefined }),
    get lenient() {
      return lenient
    },
  }
  return {
    ...required,
    lenient,
    forKey: () => (unsetKeys === "leave-out" ? dispensable(env, report) : { ...required, unset: () => undefined }),
  }
}

function dispensable(env: Environment, report: Report): KeyReferences {
  let missing: string | undefined
  const found = lookup(env, report, {
    wrong: report.error,
    unset(path, { name, state }) {
      missing ??= name
      report.warn(path, `the environment variable ${name} is ${state}, so this key is left out`, "set it before the start")
    },
  })
  return { ...found, unset: () => missing }
}

interface Complaints {
  wrong(path: Path, message: string, hint?: string): void
  unset(path: Path, variable: { readonly name: string; readonly state: "not set" | "empty" }): void
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

function lookup(env: Environment, report: Report, complain: Complaints): Lookup {
  const resolve = (value: Reference | undefined, path: Path): { text: string; origin?: string } | undefined => {
    const pointed = value === undefined ? undefined : pointer(value)
    switch (pointed?.kind) {
      case undefined:
        return undefined
      case "literal":
        pointOut(pointed.text, path, report)
        return { text: pointed.text }
      case "vault":
        complain.wrong(
          path,
          "references to a vault are not supported",
          'put the value into an environment variable and write "env.NAME"',
        )
        return undefined
      case "env": {
        if (!VARIABLE.test(pointed.name)) {
          complain.wrong(path, 'after "env." the name of an environment variable is expected', "letters, digits and underscores")
          return undefined
        }
        const found = env[pointed.name]?.trim()
        if (found !== undefined && found !== "") return { text: found, origin: `env.${pointed.name}` }
        if (redactText(pointed.name) !== pointed.name && /\d/.test(pointed.name)) {
          complain.wrong(
            path,
            'after "env." the name of an environment variable is expected',
            "what stands there looks like a key itself",
          )
          return undefined
        }
        complain.unset(path, { name: pointed.name, state: found === undefined ? "not set" : "empty" })
        return undefined
      }
      default:
        return pointed satisfies never
    }
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
  }
}

/** How other gateways and shells write a reference; here such a text would be sent as the key itself. */
const FOREIGN_REFERENCE =
  /^(?:\$\{?(?:env[.:])?([A-Za-z_]\w*)\}?|os\.environ\/([A-Za-z_]\w*)|\{\{\s*env\.([A-Za-z_]\w*)\s*\}\}|(?:process\.)?env[.:/]([A-Za-z_]\w*))$/i
/** A reference behind other words, as in `Bearer env.NAME`. */
const REFERENCE_WITHIN = /\s(?:env\.[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})$/
/** The bare name of a variable, as people write them: several words in capitals. */
const BARE_NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/
/** What a variable is called and hardly a password, which may look like a name and must not be repeated. */
const KEY_NAME = /_(?:KEY|TOKEN)$/

function pointOut(text: string, path: Path, report: Report): void {
  const foreign = FOREIGN_REFERENCE.exec(text)
  const name = foreign?.slice(1).find((group) => group !== undefined) ?? (BARE_NAME.test(text) ? text : undefined)
  if (REFERENCE_WITHIN.test(text))
    report.warn(
      path,
      "has a reference to an environment variable behind other words, and is taken word for word",
      "a reference stands alone: put the words into the variable too",
    )
  if (name !== undefined)
    report.warn(
      path,
      "looks like a reference to an environment variable, but is taken word for word",
      KEY_NAME.test(name) ? `write "env.${name}"` : 'write "env." and the name of the variable',
    )
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

/** Written out, and nothing. What is merely not found has been reported already. */
export function isEmptyText(value: Reference): boolean {
  const pointed = pointer(value)
  return pointed?.kind === "literal" && pointed.text === ""
}

function textPointer(text: string): Pointer {
  const bare = text.trim()
  if (bare.startsWith("env.")) return { kind: "env", name: bare.slice(4) }
  if (bare.startsWith("vault.")) return { kind: "vault" }
  return { kind: "literal", text: bare }
}
