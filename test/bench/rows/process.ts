import { costOf, unaryCall } from "../calls.ts"
import { load } from "../load.ts"
import { median, residentBytes, restingBytes } from "../measure.ts"
import { megabytes, type Row } from "../row.ts"

/** Memory after many calls against memory after a quarter of them. */
export const leak: Row = {
  name: "leak",
  async run(bench, scale) {
    await using subject = await bench.fresh("default")
    const quarter = scale.calls(50_000)
    await costOf(subject, unaryCall, 64, quarter)
    const early = await restingBytes(subject.pid)
    await costOf(subject, unaryCall, 64, 3 * quarter)
    const late = await restingBytes(subject.pid)
    const detail = `${megabytes(early).toFixed(0)} MB after ${quarter} calls, ${megabytes(late).toFixed(0)} MB after ${4 * quarter}`
    return [
      { name: "memory grown between 50,000 and 200,000 calls", value: megabytes(late - early), limit: 16, unit: "MB", detail },
    ]
  },
}

/** From exec to the first relayed answer. */
export const start: Row = {
  name: "start",
  async run(bench, scale) {
    const times: number[] = []
    await bench.mock()
    for (let round = 0; round < scale.rounds; round += 1) {
      const startedAt = performance.now()
      await using subject = await bench.fresh("default")
      const { failures } = await load({ port: subject.port, ...unaryCall, connections: 1, calls: 1 })
      if (failures > 0) throw new Error(subject.output())
      times.push(performance.now() - startedAt)
    }
    const detail = `from ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`
    return [{ name: "exec to the first answer", value: median(times), limit: 300, unit: "ms", detail }]
  },
}

export const idle: Row = {
  name: "idle",
  async run(bench, scale) {
    await using subject = await bench.fresh("default")
    await costOf(subject, unaryCall, 1, 1)
    const seconds = scale.quick ? 5 : 30
    await Bun.sleep(seconds * 1000)
    const resident = megabytes(residentBytes(subject.pid))
    return [
      {
        name: "memory when idle, logging on",
        value: resident,
        limit: 90,
        unit: "MB",
        detail: `${resident.toFixed(1)} MB`,
      },
    ]
  },
}
