import { test } from "bun:test"

/**
 * Registers one skipped test that stands for all that cannot run here, and prints why. The title must be listed in `test/skips.ts`, or the
 * runner fails.
 */
export function skipWithReason(title: string, reason: string): void {
  console.log(`skipped: ${title}: ${reason}`)
  // reason: the caller's, printed above and listed beside the title in test/skips.ts
  test.skip(title, () => {})
}
