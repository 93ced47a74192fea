import { join } from "node:path"
import type { Wire } from "../../../src/core/wire.ts"
import { repository } from "../../support/traffic.ts"
import { bigCall, type Cost, costOf } from "../calls.ts"
import { median } from "../measure.ts"
import { type Figure, interleave, type Row } from "../row.ts"

interface Scan {
  /** Milliseconds of one `head.read` of the body, and of one JSON.parse of it from text. */
  readonly read: number
  readonly parse: number
}

/** As for small bodies, the compiler is at work for some thousand calls. */
const warmUps = 5

export const bigBody: Row = {
  name: "big",
  async run(bench, scale) {
    const [floor, off] = [await bench.subject("floor hand"), await bench.subject("logs off")]
    const call = bigCall()
    const calls = scale.calls(400)
    for (let turn = 0; turn < warmUps; turn += 1) for (const subject of [floor, off]) await costOf(subject, call, 4, calls)
    const scanOnce = await scanner(call.body, scale.calls(200))
    const scans: Scan[] = []
    const costs = await interleave(scale.rounds, {
      floor: () => costOf(floor, call, 4, calls),
      off: async () => {
        scans.push(scanOnce())
        return costOf(off, call, 4, calls)
      },
    })
    const milliseconds = (subject: readonly Cost[]) => median(subject.map((cost) => cost.cpu)) * 1000
    const added = milliseconds(costs.off) - milliseconds(costs.floor)
    const scan = { read: median(scans.map(({ read }) => read)), parse: median(scans.map(({ parse }) => parse)) }
    const detail = `floor ${milliseconds(costs.floor).toFixed(2)} ms, gateway ${milliseconds(costs.off).toFixed(2)} ms a call of ${(call.body.length / 1e6).toFixed(2)} MB`
    return figuresOf(added, scan, detail)
  },
}

function figuresOf(added: number, scan: Scan, detail: string): readonly Figure[] {
  const scans = `head.read ${scan.read.toFixed(2)} ms, JSON.parse ${scan.parse.toFixed(2)} ms`
  return [
    { name: "1 MB body, logs off, CPU added to hand / one head.read", value: added / scan.read, limit: 1.5, unit: "×", detail },
    { name: "head.read of 1 MB / JSON.parse of it", value: scan.read / scan.parse, limit: 0.4, unit: "×", detail: scans },
  ]
}

type HeadReader = Pick<Wire, "head">

const readsHeads = (value: unknown): value is HeadReader => typeof value === "object" && value !== null && "head" in value

/** Times both in a round of its own, each time of bytes that have just come in, as a call's have. */
async function scanner(body: string, times: number): Promise<() => Scan> {
  const path = join(repository, "src/wires/openai-chat/index.ts")
  const exported = (await import(path)) as Readonly<Record<string, unknown>>
  const wire = Object.values(exported).find(readsHeads)
  if (!wire) throw new Error(`${path} exports no wire`)
  const source = new TextEncoder().encode(body)
  const decoder = new TextDecoder()
  const time = (work: (bytes: Uint8Array) => unknown): number => {
    const samples: number[] = []
    for (let n = 0; n < times; n += 1) {
      const bytes = source.slice()
      const startedAt = performance.now()
      work(bytes)
      samples.push(performance.now() - startedAt)
    }
    return median(samples.slice(times >> 2))
  }
  return () => ({
    read: time((bytes) => wire.head.read(bytes)),
    parse: time((bytes) => JSON.parse(decoder.decode(bytes))),
  })
}
