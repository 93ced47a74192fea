import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import type { BunPlugin } from "bun"

type Target = Bun.Build.CompileTarget

/** What `--all` builds, by the name of the file. Bun fetches the runtimes of other platforms from the npm registry and keeps them in its cache. */
const targets: readonly (readonly [name: string, target: Target])[] = [
  ["gantry-linux-x64", "bun-linux-x64"],
  ["gantry-linux-arm64", "bun-linux-arm64"],
  ["gantry-linux-x64-musl", "bun-linux-x64-musl"],
  ["gantry-linux-arm64-musl", "bun-linux-arm64-musl"],
  ["gantry-darwin-x64", "bun-darwin-x64"],
  ["gantry-darwin-arm64", "bun-darwin-arm64"],
  ["gantry-windows-x64.exe", "bun-windows-x64"],
  ["gantry-windows-arm64.exe", "bun-windows-arm64"],
]

const root = import.meta.dir
const dist = join(root, "dist")

/** `bun run build` makes `dist/gantry` for this machine; with `--all`, one program for each target and their checksums. */
async function main(words: readonly string[]): Promise<number> {
  const unknown = words.filter((word) => word !== "--all")
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(" ")}\nusage: bun run build [--all]`)
    return 2
  }
  await mkdir(dist, { recursive: true })
  const entrypoints = [join(root, "src/main.ts"), ...(await workerFiles())]
  const plugins = [await embedPage()]
  if (!words.includes("--all")) {
    await compile(process.platform === "win32" ? "gantry.exe" : "gantry", undefined, { entrypoints, plugins })
    return 0
  }
  const sums: string[] = []
  for (const [name, target] of targets) {
    await compile(name, target, { entrypoints, plugins })
    sums.push(`${await sha256(join(dist, name))}  ${name}\n`)
  }
  await writeFile(join(dist, "SHA256SUMS"), sums.join(""))
  return 0
}

interface Parts {
  readonly entrypoints: readonly string[]
  readonly plugins: readonly BunPlugin[]
}

/** Written beside and renamed, so that a running program is never written into. */
async function compile(name: string, target: Target | undefined, { entrypoints, plugins }: Parts): Promise<void> {
  const started = performance.now()
  const outfile = join(dist, name)
  const draft = join(dist, `.draft-${process.pid}-${name}`)
  try {
    const { logs } = await Bun.build({
      entrypoints: [...entrypoints],
      plugins: [...plugins],
      naming: { entry: "[name].[ext]" },
      minify: true,
      splitting: true,
      sourcemap: "none",
      // Reading and compiling the sources anew takes half of a start. Without the format they would become CommonJS, which cannot await.
      bytecode: true,
      format: "esm",
      compile: {
        outfile: draft,
        autoloadDotenv: false,
        autoloadBunfig: false,
        ...(target === undefined ? {} : { target }),
      },
    })
    for (const message of logs) console.error(message)
    await rename(draft, outfile)
  } finally {
    await rm(draft, { force: true })
  }
  const size = (Bun.file(outfile).size / 1e6).toFixed(0)
  console.log(`dist/${name}  ${size} MB  ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

/**
 * Files that a Worker starts from: each has to be an entry point of its own to be found in the binary. All modules lie in one folder there, so
 * the address has to be `./NAME` and names have to differ.
 */
async function workerFiles(): Promise<readonly string[]> {
  const files = new Map<string, string>()
  for await (const path of new Bun.Glob("src/**/*.ts").scan({ cwd: root })) {
    const text = await readFile(join(root, path), "utf8")
    for (const [, address = ""] of text.matchAll(/new Worker\(\s*new URL\(\s*"([^"]+)"\s*,\s*import\.meta\.url/g)) {
      const file = resolve(root, path, "..", address)
      const name = basename(file)
      if (address !== `./${name}` || (files.get(name) ?? file) !== file)
        throw new Error(`${path}: a Worker's file lies beside the one that starts it, and its name is its own`)
      files.set(name, file)
    }
  }
  return [...files.values()].sort()
}

/** Puts a module with the page's files inside it in the place of the one that bundles them when asked. */
async function embedPage(): Promise<BunPlugin> {
  const { buildBundle } = await import("./src/http/bundle.ts")
  const { embeddedBundleSource } = await import("./src/http/bundle-embed.ts")
  const contents = embeddedBundleSource(await buildBundle())
  return {
    name: "embed the page",
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/]http[\\/]bundle\.ts$/ }, () => ({ contents, loader: "js" }))
    },
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const bytes of createReadStream(file)) hash.update(bytes as Uint8Array)
  return hash.digest("hex")
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof AggregateError ? error.errors.map(String).join("\n") : error)
  return 1
})
