/** Lets much time pass in a cluster, without its watches taking the silence for a failure. */
import type { Cluster } from './cluster.ts'

/** Shorter than the silence after which a watch is taken to be broken. */
const STEP_MS = 20_000

/** All that is due meanwhile happens in its time, give or take a step. */
export async function elapse(cluster: Cluster, byMs: number): Promise<void> {
  await cluster.settle()
  for (let leftMs = byMs; leftMs > 0; leftMs -= STEP_MS) {
    cluster.clock.jump(Math.min(leftMs, STEP_MS))
    await cluster.settle()
  }
}
