/** Waits for several pieces of work to end, even if one of them fails, and only then throws. */

/**
 * Promise.all() goes on at the first failure while other writes are still under way;
 * this waits for every one. A single failure is thrown as it is, several as an AggregateError.
 */
export async function settleAll<Value>(work: Iterable<Value>): Promise<Awaited<Value>[]> {
  const outcomes = await Promise.allSettled(work)
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected')
  if (failures.length === 1) throw failures[0]?.reason
  if (failures.length > 1) {
    const reasons = failures.map((failure) => failure.reason)
    const message = `${failures.length} of ${outcomes.length} failed: ${reasons.map(String).join('; ')}`
    throw new AggregateError(reasons, message)
  }
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
}
