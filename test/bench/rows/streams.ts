import type { Gateway } from "../../support/gateway.ts"
import { type Cost, costOf, streamedCall } from "../calls.ts"
import { load } from "../load.ts"
import { median, peakResident } from "../measure.ts"
import { interleave, megabytes, microseconds, type Row, ratio } from "../row.ts"

const cpu = (cost: Cost) => cost.cpu
const warmUps = 4

export const streams: Row = {
  name: "streams",
  async run(bench, scale) {
    const [floor, off, on] = [await bench.subject("floor hand"), await bench.subject("logs off"), await bench.subject("default")]
    const call = streamedCall(10)
    const count = Math.max(256, scale.calls(1024))
    const measure = (subject: Gateway) => () => costOf(subject, call, 128, count)
    // a stream runs each of its functions but once or a few times: it takes some thousands until they are compiled
    for (let turn = 0; turn < warmUps; turn += 1) for (const subject of [floor, off, on]) await measure(subject)()
    const costs = await interleave(scale.rounds, { floor: measure(floor), off: measure(off), on: measure(on) })
    const detail = (["floor", "off", "on"] as const)
      .map((name) => `${name} ${microseconds(median(costs[name].map(cpu)))}`)
      .join("; ")
    return [
      {
        name: "128 streams of 60 chunks, CPU a stream, logs off / hand",
        value: ratio(costs.off, costs.floor, cpu),
        limit: 1.7,
        unit: "×",
        detail,
      },
      { name: "… default logging / hand", value: ratio(costs.on, costs.floor, cpu), limit: 2.0, unit: "×", detail },
    ]
  },
}

const crowd = 1024

/** All at once. Fresh processes, because what a process has held before stays resident. */
export const crowdedStreams: Row = {
  name: "crowd",
  async run(bench) {
    const run = async (name: "floor hand" | "default") => {
      await using subject = await bench.fresh(name)
      const work = () => load({ port: subject.port, ...streamedCall(50), connections: crowd, calls: crowd })
      const { result, peak } = await peakResident(subject.pid, work)
      return { failures: result.failures, peak }
    }
    const floor = await run("floor hand")
    const gateway = await run("default")
    const allowed = 1.5 * floor.peak + crowd * 16 * 1024
    const detail = `floor ${megabytes(floor.peak).toFixed(0)} MB, gateway ${megabytes(gateway.peak).toFixed(0)} MB, default logging`
    return [
      { name: "1,024 streams of 60 chunks at once, incomplete", value: gateway.failures, limit: 0, unit: "calls", detail },
      {
        name: "… peak memory (limit: 1.5 × the floor's + 16 KB each)",
        value: megabytes(gateway.peak),
        limit: megabytes(allowed),
        unit: "MB",
        detail,
      },
    ]
  },
}
