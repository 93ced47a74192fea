import { readFileSync } from "node:fs"

const clockTicks = 100

/** User and system seconds that the process has used so far, all its threads together (proc(5), `stat`). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) / clockTicks
}

/** Waits until the process has nothing left to do, such as log rows to write, for three seconds at most. */
export async function untilQuiet(pid: number): Promise<void> {
  let used = cpuSeconds(pid)
  for (let n = 0; n < 15; n += 1) {
    await Bun.sleep(200)
    const now = cpuSeconds(pid)
    if (now - used <= 1 / clockTicks) return
    used = now
  }
}

/** Resident bytes of the process. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1")
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
}

/**
 * Resident bytes at rest: once the figure has kept still for a second, or after five. An allocator gives freed pages back up to half a second
 * after the last call, so a figure read at once tells where in that time it was read.
 */
export async function restingBytes(pid: number): Promise<number> {
  let seen = residentBytes(pid)
  let still = 0
  for (let n = 0; n < 25 && still < 5; n += 1) {
    await Bun.sleep(200)
    const now = residentBytes(pid)
    still = Math.abs(now - seen) < 500_000 ? still + 1 : 0
    seen = now
  }
  return seen
}

/** Runs `work` and tells the largest resident size seen meanwhile, looked at every 50 ms. */
export async function peakResident<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; peak: number }> {
  let peak = residentBytes(pid)
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid))
  }, 50)
  try {
    const result = await work()
    return { result, peak: Math.max(peak, residentBytes(pid)) }
  } finally {
    clearInterval(timer)
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export const serverCore = "0"
export const loadCore = "1"

/** Whether processes can be pinned to cores here. */
export const canPin = (): boolean => Bun.which("taskset") !== null && navigator.hardwareConcurrency > 1

/** Moves this process, all its threads and the children to come to the core of mock and generator. */
export function pinOurselves(): void {
  if (canPin()) Bun.spawnSync(["taskset", "-apc", loadCore, String(process.pid)], { stdout: "ignore" })
}

export const serverPrefix = (): readonly string[] => (canPin() ? ["taskset", "-c", serverCore] : [])
