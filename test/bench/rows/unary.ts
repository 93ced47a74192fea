import { type Cost, costOf, translatedCall, unaryCall } from "../calls.ts"
import { median } from "../measure.ts"
import { interleave, microseconds, type Row, ratio } from "../row.ts"

const connections = 64
/** The compiler works on the gateway's code for some 30,000 calls, beside them; what is measured is a gateway that has been up for a while. */
const warmUps = 3
const cpu = (cost: Cost) => cost.cpu
const rate = (cost: Cost) => cost.perSecond
const describe = (costs: readonly Cost[]) => `${microseconds(median(costs.map(cpu)))}, ${median(costs.map(rate)).toFixed(0)}/s`

export const unary: Row = {
  name: "unary",
  async run(bench, scale) {
    const [floor, off, on] = [await bench.subject("floor parse"), await bench.subject("logs off"), await bench.subject("default")]
    const calls = scale.calls(20_000)
    for (let turn = 0; turn < warmUps; turn += 1)
      for (const subject of [floor, off, on]) await costOf(subject, unaryCall, connections, calls)
    const costs = await interleave(scale.rounds, {
      floor: () => costOf(floor, unaryCall, connections, calls),
      off: () => costOf(off, unaryCall, connections, calls),
      on: () => costOf(on, unaryCall, connections, calls),
    })
    const detail = `floor ${describe(costs.floor)}; logs off ${describe(costs.off)}; default ${describe(costs.on)}`
    return [
      {
        name: "unary relay, 64 connections, CPU a call, logs off / parse",
        value: ratio(costs.off, costs.floor, cpu),
        limit: 1.4,
        unit: "×",
        detail,
      },
      { name: "… default logging / parse", value: ratio(costs.on, costs.floor, cpu), limit: 1.9, unit: "×", detail },
      {
        name: "… throughput, default / logs off",
        value: ratio(costs.on, costs.off, rate),
        limit: 0.7,
        unit: "×",
        atLeast: true,
        detail,
      },
    ]
  },
}

export const translate: Row = {
  name: "translate",
  async run(bench, scale) {
    const [floor, off] = [await bench.subject("floor parse"), await bench.subject("logs off")]
    const calls = scale.calls(15_000)
    for (let turn = 0; turn < warmUps; turn += 1) {
      await costOf(off, translatedCall, connections, calls)
      await costOf(floor, unaryCall, connections, calls)
    }
    const costs = await interleave(scale.rounds, {
      floor: () => costOf(floor, unaryCall, connections, calls),
      off: () => costOf(off, translatedCall, connections, calls),
    })
    const detail = `floor ${describe(costs.floor)}; translated ${describe(costs.off)}`
    return [
      {
        name: "unary translation, CPU a call, logs off / parse",
        value: ratio(costs.off, costs.floor, cpu),
        limit: 2.5,
        unit: "×",
        detail,
      },
    ]
  },
}

const p50 = (cost: Cost): number => cost.load.latencies[cost.load.latencies.length >> 1] ?? Number.NaN

export const latency: Row = {
  name: "latency",
  async run(bench, scale) {
    const [mock, floor, off] = [await bench.mock(), await bench.subject("floor parse"), await bench.subject("logs off")]
    const calls = scale.calls(4_000)
    for (const subject of [mock, floor, off]) await costOf(subject, unaryCall, 1, calls)
    const costs = await interleave(scale.rounds, {
      mock: () => costOf(mock, unaryCall, 1, calls),
      floor: () => costOf(floor, unaryCall, 1, calls),
      off: () => costOf(off, unaryCall, 1, calls),
    })
    const added = (subject: readonly Cost[]) => subject.map((cost, round) => p50(cost) - p50(costs.mock[round] ?? cost))
    const [addedFloor, addedOff] = [added(costs.floor), added(costs.off)]
    const detail = `added by the floor ${median(addedFloor).toFixed(3)} ms, by the gateway ${median(addedOff).toFixed(3)} ms`
    return [
      {
        name: "added p50 at one connection, logs off / parse",
        value: ratio(addedOff, addedFloor, Number),
        limit: 1.5,
        unit: "×",
        detail,
      },
    ]
  },
}
