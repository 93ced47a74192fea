import { type Cost, costOf, unaryCall } from "../calls.ts"
import { median } from "../measure.ts"
import { interleave, microseconds, type Row, ratio } from "../row.ts"

const cpu = (cost: Cost) => cost.cpu

export const tls: Row = {
  name: "tls",
  async run(bench, scale) {
    const subject = await bench.subject("logs off, tls")
    const calls = scale.calls(12_000)
    await costOf(subject, unaryCall, 256, calls)
    const costs = await interleave(scale.rounds, {
      few: () => costOf(subject, unaryCall, 32, calls),
      many: () => costOf(subject, unaryCall, 256, calls),
    })
    const detail = `32 at once ${microseconds(median(costs.few.map(cpu)))}, 256 at once ${microseconds(median(costs.many.map(cpu)))}`
    return [
      {
        name: "TLS upstream, CPU a call, 256 at once / 32 at once",
        value: ratio(costs.many, costs.few, cpu),
        limit: 1.5,
        unit: "×",
        detail,
      },
    ]
  },
}
