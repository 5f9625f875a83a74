/** Controllers as a process of their own, which a test kills at any moment and starts again. */
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import type { Controller } from '#client/controller.ts'
import { type FreeController, startControllers } from '#client/controllers.ts'
import type { Client } from '#client/rest.ts'
import type { ManualClock } from '#daemon/clock.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { connect } from './connect.ts'
import type { CuttingProxy } from './cutting-proxy.ts'
import { driven } from './drive-clock.ts'
import { report } from './workloads.ts'

/** Longer than waits for another attempt, shorter than what an answer may take. */
const WAIT_MAX_MS = 35_000
/** Turns in which sockets may answer before time passes. */
const TURNS_A_WAIT = 5

export interface Surroundings {
  /** Of the test itself, which nothing disturbs. */
  readonly client: Client
  readonly clock: ManualClock
  /** Between the controllers and the server. */
  readonly proxy: CuttingProxy
}

export interface Life {
  kill(): Promise<void>
}

export async function beginControllers(
  controllers: readonly (Controller | FreeController)[],
  { clock, proxy }: Surroundings,
): Promise<Life> {
  const connected = connect(proxy.url, { clock, carrier: 'socket' })
  const { client, informers, random, log } = connected
  const nobody = { normal: () => undefined, warning: () => undefined }
  const events = { for: () => nobody }
  const parts = { client, informers, events, clock, random, log, graceMs: 0 }
  const { signal } = new AbortController()
  const running = await startControllers(controllers, parts, signal)
  return {
    async kill() {
      // No answer and no further request: whatever was under way ends here.
      proxy.refuse(true)
      proxy.cut()
      await driven(clock, settleAll([running[Symbol.asyncDispose]()]), 0)
      await driven(clock, settleAll([connected[Symbol.asyncDispose]()]), 0)
      proxy.refuse(false)
    },
  }
}

/** Lets the controllers work for a while. */
export async function pass({ clock }: Surroundings, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const { nextTimerMs } = clock
    const isDue = nextTimerMs !== undefined && nextTimerMs <= WAIT_MAX_MS
    if (isDue && turn % TURNS_A_WAIT === 0) clock.jump(nextTimerMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Somebody else may have deleted it meanwhile: that is what such tests are about. */
export async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** Pods that wait become ready. */
export async function runPending(
  surroundings: Pick<Surroundings, 'client' | 'clock'>,
): Promise<void> {
  const pods = await surroundings.client.list(Pod)
  for (const pod of pods.filter(({ status }) => status.phase === 'Pending')) {
    await ifThere(report(surroundings, pod))
  }
}
