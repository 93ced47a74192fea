import type { WebAsset } from "./bundle.ts"

/** The text of a module that can stand in for `bundle.ts`: the same `loadBundle`, with the files inside it. */
export function embeddedBundleSource(assets: readonly WebAsset[]): string {
  const rows = assets.map(({ path, contentType, bytes, hashed }) =>
    JSON.stringify({ path, contentType, hashed, base64: Buffer.from(bytes).toString("base64") }),
  )
  return `const rows = [
${rows.map((row) => `  ${row},`).join("\n")}
]
let assets
export const loadBundle = async () =>
  (assets ??= rows.map(({ base64, ...rest }) => ({ ...rest, bytes: new Uint8Array(Buffer.from(base64, "base64")) })))
`
}
