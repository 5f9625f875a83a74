/** What a run asks for: workloads and what belongs to them, each drawn from a seed. */
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { CronJob } from '#api/kinds/batch/cron-job.ts'
import { Job } from '#api/kinds/batch/job.ts'
import type { Input } from '#api/schema.ts'
import type { ObjectResource } from '#client/controller.ts'
import type { Random } from '#daemon/random.ts'
import { template } from '../workloads.ts'
import { FAILS } from './stand-in-nodes.ts'

const IMAGES = 3
const REPLICAS_MAX = 4
/** Jobs that are to complete in the end may fail any number of times before. */
const BACKOFF_LIMIT = 1000
export const FAILING_BACKOFF_LIMIT = 1

export type WorkloadType =
  | 'Deployment'
  | 'ReplicaSet'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'Job'
  | 'CronJob'

/** A workload as it was asked for last; its pods carry its name as their label `app`. */
export interface Wish {
  readonly type: WorkloadType
  readonly name: string
  replicas: number
  image: string
  /** Whatever else differs among workloads of its type. */
  readonly isPlain: boolean
  /** Of Jobs: nothing of it can succeed. */
  readonly isFailing: boolean
}

export const workloads = {
  Deployment,
  ReplicaSet,
  StatefulSet,
  DaemonSet,
  Job,
  CronJob,
} satisfies Record<WorkloadType, ObjectResource>

const types: readonly WorkloadType[] = [
  'Deployment',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'Job',
  'CronJob',
]

export const drawImage = (random: Random): string => `image:${random.below(IMAGES)}`
export const drawReplicas = (random: Random): number => random.below(REPLICAS_MAX + 1)

export function drawWish(name: string, random: Random): Wish {
  const type = types[random.below(types.length)]!
  const hasReplicas = type !== 'DaemonSet' && type !== 'CronJob'
  return {
    type,
    name,
    replicas: !hasReplicas ? 0 : type === 'Job' ? 1 + random.below(4) : drawReplicas(random),
    image: drawImage(random),
    isPlain: random.below(2) === 0,
    isFailing: type === 'Job' && random.below(5) === 0,
  }
}

const selectorOf = ({ name }: Wish) => ({ matchLabels: { app: name } })
export const templateOf = ({ name, image }: Pick<Wish, 'name' | 'image'>) =>
  template(image, { app: name })

/** How each is asked for, in full. */
export function inputOf(wish: Wish, namespace: string): object {
  const { name } = wish
  return { metadata: { name, namespace, labels: { app: name } }, spec: specOf(wish) }
}

function specOf(wish: Wish): object {
  const { type, name, replicas, isPlain } = wish
  const common = { selector: selectorOf(wish), template: templateOf(wish) }
  switch (type) {
    case 'Deployment':
      return { ...common, replicas, ...(!isPlain && { strategy: { type: 'Recreate' } }) }
    case 'ReplicaSet':
      return { ...common, replicas }
    case 'StatefulSet':
      return { ...common, replicas, serviceName: name, ...(!isPlain && claiming) }
    case 'DaemonSet':
      return { ...common, ...(!isPlain && surging) }
    case 'Job':
      return jobSpec(wish)
    case 'CronJob':
      return {
        schedule: '* * * * *',
        concurrencyPolicy: isPlain ? 'Allow' : 'Forbid',
        successfulJobsHistoryLimit: HISTORY_LIMIT,
        jobTemplate: { spec: jobSpec({ ...wish, replicas: 1, isPlain: true }) },
      }
  }
}

export const HISTORY_LIMIT = 2

type StatefulSetSpec = NonNullable<Input<typeof StatefulSet>['spec']>
type DaemonSetSpec = NonNullable<Input<typeof DaemonSet>['spec']>

/** Claims that go with the set, and stay when it is only scaled down. */
const claiming: Partial<StatefulSetSpec> = {
  podManagementPolicy: 'Parallel',
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
  volumeClaimTemplates: [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ] as never,
}

const surging: Partial<DaemonSetSpec> = {
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
}

/** Plain ones count pods, the others have an index for each. */
function jobSpec(wish: Wish): object {
  const { replicas, isPlain, isFailing } = wish
  const { metadata, spec } = templateOf(wish)
  const annotations = isFailing ? { [FAILS]: 'true' } : {}
  return {
    completions: replicas,
    parallelism: 2,
    completionMode: isPlain ? 'NonIndexed' : 'Indexed',
    backoffLimit: isFailing ? FAILING_BACKOFF_LIMIT : BACKOFF_LIMIT,
    template: { metadata: { ...metadata, annotations }, spec: { ...spec, restartPolicy: 'Never' } },
  }
}
