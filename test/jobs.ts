/** Jobs for tests of their controller: how they are made, what became of them, how pods end. */
import { Job } from '#api/kinds/batch/job.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { jobSpec } from '#api/parts/batch/job-spec.ts'
import type { Input } from '#api/schema.ts'
import { jobController } from '#controller-manager/controllers/job.ts'
import { jobOrphansController } from '#controller-manager/controllers/job-orphans.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { report } from './workloads.ts'

export const place = { name: 'work', namespace: 'default' }
export const TRACKING = 'batch.kubernetes.io/job-tracking'

export const template = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] },
}

type Spec = Partial<Input<typeof jobSpec>>

export const job = (spec: Spec = {}) => ({ metadata: place, spec: { template, ...spec } })

export const indexed = (completions: number, spec: Spec = {}) =>
  job({ completionMode: 'Indexed', completions, parallelism: completions, ...spec })

export const startJobs = () =>
  startCluster({ controllers: [jobController(), jobOrphansController] })

export const statusOf = async ({ client }: Cluster) => (await client.get(Job, place)).status

/** Those that run, or are going to. */
export async function unfinished({ client }: Cluster): Promise<readonly Pod[]> {
  const pods = await client.list(Pod)
  return pods.filter(({ metadata, status }) => !isOver(status.phase) && !metadata.deletionTimestamp)
}

const isOver = (phase: string | undefined) => phase === 'Succeeded' || phase === 'Failed'

export async function end(
  cluster: Cluster,
  pods: readonly Pod[],
  phase: 'Succeeded' | 'Failed',
): Promise<void> {
  for (const pod of pods) await report(cluster, pod, { phase })
  await cluster.settle()
}

/** What events say, apart from those about single pods. */
export async function messages({ client }: Cluster): Promise<readonly string[]> {
  const events = await client.list(Event)
  return events
    .filter(({ reason }) => reason !== 'SuccessfulCreate' && reason !== 'SuccessfulDelete')
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
}

export const conditions = async (cluster: Cluster) =>
  ((await statusOf(cluster)).conditions ?? []).map(
    ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
  )

export const indexOf = ({ metadata }: Pod) =>
  metadata.annotations?.['batch.kubernetes.io/job-completion-index']

/** The one of an index that runs, or is going to. */
export async function podOf(cluster: Cluster, index: number): Promise<Pod> {
  const found = (await unfinished(cluster)).find((pod) => indexOf(pod) === String(index))
  if (!found) throw new Error(`pod of index ${index}: there is none that is not over`)
  return found
}
