import { test } from "bun:test"

/**
 * Registers one skipped test that stands for all that cannot run here, and prints why. The title must be listed in `test/skips.ts`, or the
 * runner fails.
 */
export function skipWithReason(title: string, reason: string): void {
  console.log(`skipped: ${title}: ${reason}`)
  test.skip(title, () => {})
}
