import type { Import } from "./sources.ts"

/** Which layer may import which others; its own files always. The files of the composition root may import everything. */
const layers: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  core: ["lib"],
  wires: ["core", "lib"],
  dialects: ["wires", "core", "lib"],
  providers: ["wires", "core", "lib"],
  dispatch: ["core", "lib"],
  catalog: ["core", "lib"],
  config: ["core", "lib", "catalog"],
  plugins: ["core", "lib", "catalog"],
  store: ["core", "lib"],
  mcp: ["core", "lib"],
  cli: ["app.ts", "runtime.ts", "version.ts", "config", "dialects", "core", "lib"],
  http: ["dispatch", "dialects", "config", "catalog", "mcp", "core", "lib"],
}

const root = ["src/app.ts", "src/main.ts", "src/version.ts"]

interface Place {
  readonly layer: string
  /** The folder inside the layer, or the file's name where it lies directly in it. */
  readonly part: string
  readonly direct: boolean
}

function placeOf(path: string): Place {
  const [top = "", layer = "", part = "", ...rest] = path.split("/")
  return top === "web" ? { layer: "web", part: layer, direct: false } : { layer, part, direct: rest.length === 0 }
}

/** Why an import crosses a border, or undefined when it may. */
export function breach({ from, to, typeOnly }: Import): string | undefined {
  if (root.includes(from)) return undefined
  const source = placeOf(from)
  const target = placeOf(to)
  if (source.layer === "web") return webBreach(target, typeOnly)
  const allowed = layers[source.layer]
  if (!allowed) return `${from} lies in no layer of the design`
  if (source.layer !== target.layer)
    return allowed.includes(target.layer) ? undefined : `${source.layer} may not import ${target.layer}`
  return source.layer === "wires" ? wireBreach(source, target) : undefined
}

const webBreach = (target: Place, typeOnly: boolean): string | undefined => {
  if (target.layer === "web") return undefined
  return target.layer === "http" && typeOnly ? undefined : "web may import nothing but types of src/http"
}

/** Wires know nothing of each other; what several share lies directly in the folder, and only its index knows them all. */
const wireBreach = (source: Place, target: Place): string | undefined => {
  if (target.direct || source.part === target.part) return undefined
  return source.part === "index.ts" ? undefined : "a wire may not import another wire"
}
