import { join } from "node:path"

/** One file of the page. */
export interface WebAsset {
  /** Relative to the page's root, without a leading slash, such as `index.html` or `assets/index-1a2b.js`. */
  readonly path: string
  readonly contentType: string
  readonly bytes: Uint8Array
  /** The name holds a hash of the content, so the file never changes under it. */
  readonly hashed: boolean
}

/**
 * The page's files, bundled from `web` when first asked for. The compiled binary holds another module in this one's place, with the files inlined
 * (`bundle-embed.ts`).
 */
export function loadBundle(): Promise<readonly WebAsset[]> {
  built ??= buildBundle().catch((error) => {
    built = undefined
    throw error
  })
  return built
}

let built: Promise<readonly WebAsset[]> | undefined

const entries = ["index.html", "sign-in.html"].map((name) => join(import.meta.dir, "..", "..", "web", name))

export async function buildBundle(): Promise<readonly WebAsset[]> {
  const { outputs } = await Bun.build({
    entrypoints: entries,
    target: "browser",
    minify: true,
    sourcemap: "none",
    naming: { entry: "[name].[ext]", chunk: "assets/[name]-[hash].[ext]", asset: "assets/[name]-[hash].[ext]" },
  })
  return Promise.all(
    outputs.map(async (output) => {
      const path = output.path.replaceAll("\\", "/").replace(/^\.?\//, "")
      return {
        path,
        contentType: output.type,
        bytes: new Uint8Array(await output.arrayBuffer()),
        hashed: path.startsWith("assets/"),
      }
    }),
  )
}
