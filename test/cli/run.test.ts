import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { runCommandLine } from "../../src/cli/run.ts"
import { version } from "../../src/version.ts"
import { tempFolder } from "../support/temp.ts"
import { recordedTerminal } from "./terminal.ts"

async function run(words: readonly string[], env: Record<string, string> = {}) {
  const terminal = recordedTerminal(env)
  const code = await runCommandLine(words, terminal)
  return { code, ...terminal.printed }
}

describe("the command line", () => {
  test.each([[["--help"]], [["-h"]], [["help"]]])("%p shows every command", async (words) => {
    const { code, out } = await run(words)
    expect(code).toBe(0)
    for (const word of ["serve", "validate", "doctor", "schema", "version", "--port", "GANTRY_PORT"]) expect(out).toContain(word)
  })

  test.each([[["doctor", "--help"]], [["doctor", "-h"]], [["help", "doctor"]]])("%p shows its flags", async (words) => {
    const { code, out } = await run(words)
    expect(code).toBe(0)
    expect(out).toContain("--online")
  })

  test.each([[[]], [["serve"]], [["validate"]], [["doctor"]], [["schema"]], [["version"]]])(
    "help of %p fits 80 columns",
    async (words) => {
      const { out } = await run([...words, "--help"])
      expect(out.split("\n").filter((line) => line.length > 80)).toEqual([])
    },
  )

  test.each([
    [["doctr"], "did you mean doctor?", "gantry --help"],
    [["help", "servve"], "did you mean serve?", "gantry --help"],
    [["validate", "--confg", "x"], "did you mean --config?", "gantry validate --help"],
    [["--port", "many"], "--port", "gantry --help"],
  ])("%p ends with code 2, says %s and where help is", async (words, message, help) => {
    const { code, err } = await run(words)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(err).toContain(`run "${help}"`)
  })

  test.each([[["version"]], [["--version"]], [["-v"]]])("%p prints the version", async (words) => {
    expect(await run(words)).toMatchObject({ code: 0, out: expect.stringContaining(`gantry ${version} `) })
  })

  test("schema prints the file of the repository, byte for byte", async () => {
    const { code, out } = await run(["schema"])
    expect(code).toBe(0)
    expect(out).toBe(await Bun.file(`${import.meta.dir}/../../config.schema.json`).text())
  })
})

describe("validate", () => {
  const write = async (folder: string, text: string): Promise<string> => {
    const file = join(folder, "config.json")
    await Bun.write(file, text)
    return file
  }

  test("accepts a good file and names its providers", async () => {
    await using folder = await tempFolder()
    const file = await write(folder.path, '{ "providers": { "ollama": {} } }')
    expect(await run(["validate", "--config", file])).toMatchObject({
      code: 0,
      out: `${file} is good; providers: ollama\n`,
      err: "",
    })
    expect(await run(["validate", "--dir", folder.path])).toMatchObject({ code: 0 })
    expect(await run(["validate"], { GANTRY_DIR: folder.path })).toMatchObject({ code: 0 })
  })

  test("takes the file with or without --config, and one alone", async () => {
    await using folder = await tempFolder()
    const file = await write(folder.path, '{ "providers": { "ollama": {} } }')
    for (const words of [
      [file],
      ["--dir", "/nowhere", file],
      [file, "--dir", "/nowhere"],
      ["--config", file],
      [`--config=${file}`],
    ])
      expect(await run(["validate", ...words])).toMatchObject({ code: 0, out: `${file} is good; providers: ollama\n` })
    for (const words of [
      [file, "--config", "other.json"],
      [file, "other.json"],
    ]) {
      const { code, err } = await run(["validate", ...words])
      expect(code).toBe(2)
      expect(err).toContain("other.json")
    }
  })

  test("says what is wrong, where, and how to mend it", async () => {
    await using folder = await tempFolder()
    const file = await write(folder.path, '{\n  "provders": {}\n}')
    const { code, err, out } = await run(["validate", "--config", file])
    expect(code).toBe(1)
    expect(out).toBe("")
    expect(err).toContain(`${file}:2:3`)
    expect(err).toContain("providers")
    expect(err).toContain("1 error")
  })

  test("a file without a provider is good for nothing, and that is said", async () => {
    await using folder = await tempFolder()
    const file = await write(folder.path, "{}")
    const { code, out } = await run(["validate", "--config", file])
    expect(code).toBe(0)
    expect(out).toBe(`${file} is good, but it has no provider, so nothing can be called\n`)
  })

  test("a folder in the place of the file is called that", async () => {
    await using folder = await tempFolder()
    const { code, err } = await run(["validate", "--config", folder.path])
    expect(code).toBe(1)
    expect(err).toContain("this is a folder; a file is expected")
  })

  test("a missing file that was asked for is an error, one that was not is none", async () => {
    await using folder = await tempFolder()
    expect(await run(["validate", "--config", join(folder.path, "no.json")])).toMatchObject({ code: 1 })
    const { code, out } = await run(["validate", "--dir", folder.path], { OPENAI_API_KEY: "k" })
    expect(code).toBe(0)
    expect(out).toContain("a start would serve: openai")
  })
})
