/** Waits for work, for `ms` milliseconds at most: what is not done by then goes on by itself. Rejects as the work does. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  // cleared, for a timer that is left over keeps the process alive
  const timer = setTimeout(late.resolve, ms)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
