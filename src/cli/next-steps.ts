import { clientLines } from "../dialects/agents.ts"
import { labelled } from "./labelled.ts"
import { painter } from "./terminal.ts"

/** The credential that calls to models need where `client.enforce_auth_on_inference` is set; there may be none that would do. */
export type Guard = "token" | "password" | "nothing opens"

export interface Steps {
  readonly url: string
  /** One that a first call can use, as `provider/model`; undefined where none is known. */
  readonly model: string | undefined
  readonly guard?: Guard | undefined
}

/** What to do next. */
export function nextSteps({ url, model, guard }: Steps, colour: boolean): string {
  const paint = painter(colour)
  const at = url.replace(/\/\/(0\.0\.0\.0|\[::\])/, "//localhost")
  const key = guard === "token" ? `'${tokenText}'` : undefined
  return [
    callRow(at, model, credentialFlag(guard)),
    ...clientLines(at, model, key).map(({ client, line }) => [client, line] as const),
    ["API key", keyText(guard)] as const,
    ["page", `${at}/`] as const,
  ]
    .map(([label, text]) => labelled(paint, "dim", label, text))
    .concat("")
    .join("\n")
}

/** A call that answers, or where no model is known, the way to see what there is. */
function callRow(at: string, model: string | undefined, credential: string): readonly [label: string, text: string] {
  if (model === undefined) return ["models", `curl ${at}/v1/models${credential}`]
  const body = `{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}`
  return ["try", `curl ${at}/v1/chat/completions${credential} -d '${body}'`]
}

const tokenText = "<admin token>"

/** What clients are given for a key: they insist on one. */
function keyText(guard: Guard | undefined): string {
  switch (guard) {
    case undefined:
      return "any word will do; the gateway has the providers' keys"
    case "token":
      return "the admin token"
    case "password":
      return "none will do: calls need the header authorization: Basic …; set admin.token for clients that take a key"
    case "nothing opens":
      return "none will do before admin.token is set"
    default:
      return guard satisfies never
  }
}

function credentialFlag(guard: Guard | undefined): string {
  switch (guard) {
    case undefined:
      return ""
    case "token":
    case "nothing opens":
      return ` -H 'authorization: Bearer ${tokenText}'`
    case "password":
      return " -u '<name>:<password>'"
    default:
      return guard satisfies never
  }
}
