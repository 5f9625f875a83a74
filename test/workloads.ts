/** Workloads for tests of controllers, and what a kubelet would report about their pods. */
import { Pod } from '#api/kinds/core/pod.ts'
import { epochToTime } from '#api/time.ts'
import type { Cluster } from './cluster.ts'

export const template = (image = 'web:1', labels: Record<string, string> = { app: 'web' }) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image }] },
})

export const webSelector = { matchLabels: { app: 'web' } }

interface PodState {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  readonly isReady?: boolean
}

/** What its kubelet would report; nothing says on which node it runs. */
export async function report(
  cluster: Pick<Cluster, 'client' | 'clock'>,
  pod: Pod,
  state: PodState = {},
): Promise<void> {
  const { phase = 'Running', isReady = phase === 'Running' } = state
  const lastTransitionTime = epochToTime(Math.floor(cluster.clock.now() / 1000))
  const ready = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime }
  const patch = { status: { phase, conditions: [ready] } }
  await cluster.client.patch(Pod, pod, patch, { type: 'strategic', subresource: 'status' })
}

/** Every pod that is new becomes ready, round by round, until nothing changes any more. */
export async function runPods(cluster: Cluster): Promise<void> {
  for (;;) {
    await cluster.settle()
    const pending = (await cluster.client.list(Pod)).filter(
      ({ status }) => status.phase === 'Pending',
    )
    if (pending.length === 0) return
    for (const pod of pending) await report(cluster, pod)
  }
}
