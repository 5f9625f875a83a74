/** Whether workloads are what was asked for: an account of its own, of what there has to be. */
import { findCondition } from '#api/conditions.ts'
import type { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import type { Deployment } from '#api/kinds/apps/deployment.ts'
import type { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import type { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import type { CronJob } from '#api/kinds/batch/cron-job.ts'
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import type { ApiObject } from '#client/resource.ts'
import type { Survey } from './survey.ts'
import { FAILING_BACKOFF_LIMIT, HISTORY_LIMIT, type Wish } from './wishes.ts'

type Say = (problem: string) => void

export const isOver = ({ status }: Pod): boolean =>
  status.phase === 'Succeeded' || status.phase === 'Failed'
export const isReady = ({ status }: Pod): boolean =>
  findCondition(status.conditions, 'Ready')?.status === 'True'
const isLive = (pod: Pod): boolean => !isOver(pod) && !pod.metadata.deletionTimestamp

const ownedBy = <S extends ApiObject>(owner: ApiObject, objects: readonly S[]): readonly S[] =>
  objects.filter((object) => controllerOf(object)?.uid === owner.metadata.uid)

/** Says where something differs, and how. */
function compare(say: Say, what: string, found: object, wanted: object): void {
  const [is, shall] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (is !== shall) say(`${what}: found ${is}, wanted ${shall}`)
}

function comparePods(say: Say, what: string, pods: readonly Pod[], wanted: number, image?: string) {
  const live = pods.filter(isLive)
  const images = [...new Set(live.map(({ spec }) => spec.containers?.[0]?.image))]
  const found = { pods: live.length, ready: live.filter(isReady).length, images }
  compare(say, `${what}: pods`, found, {
    pods: wanted,
    ready: wanted,
    images: wanted > 0 ? [image] : [],
  })
}

/** One workload and all that is under it. */
export function judgeWorkload(wish: Wish, namespace: string, survey: Survey, say: Say): void {
  const { type, name } = wish
  const what = `${type} ${namespace}/${name}`
  const object = survey.of(type, namespace).find(({ metadata }) => metadata.name === name)
  if (!object) {
    say(`${what}: is gone`)
    return
  }
  const observed = (object.status as { observedGeneration?: number }).observedGeneration
  if (type !== 'Job' && type !== 'CronJob' && observed !== object.metadata.generation) {
    say(`${what}: generation ${object.metadata.generation}, observed ${observed}`)
  }
  judges[type](object as never, { wish, what, namespace, survey, say })
}

interface Case {
  readonly wish: Wish
  readonly what: string
  readonly namespace: string
  readonly survey: Survey
  readonly say: Say
}

const judges: Record<Wish['type'], (object: never, given: Case) => void> = {
  Deployment: judgeDeployment,
  ReplicaSet: judgeReplicaSet,
  StatefulSet: judgeStatefulSet,
  DaemonSet: judgeDaemonSet,
  Job: judgeJob,
  CronJob: judgeCronJob,
}

function judgeDeployment(
  deployment: Deployment,
  { wish, what, namespace, survey, say }: Case,
): void {
  const { replicas, image } = wish
  const sets = ownedBy(deployment, survey.of('ReplicaSet', namespace))
  const pods = sets.flatMap((each) => ownedBy(each, survey.of('Pod', namespace)))
  comparePods(say, what, pods, replicas, image)
  const { status } = deployment
  const found = {
    replicas: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    unavailable: status.unavailableReplicas ?? 0,
    inUse: sets.filter(({ spec }) => spec.replicas > 0).length,
    images: sets.length,
  }
  const images = new Set(sets.map(({ spec }) => spec.template.spec.containers?.[0]?.image))
  compare(say, what, found, {
    replicas,
    updated: replicas,
    ready: replicas,
    available: replicas,
    unavailable: 0,
    inUse: Math.min(replicas, 1),
    // A template never has two ReplicaSets, whatever was lost on the way.
    images: images.size,
  })
}

function judgeReplicaSet(replicaSet: ReplicaSet, { wish, what, namespace, survey, say }: Case) {
  const { replicas, image } = wish
  comparePods(say, what, ownedBy(replicaSet, survey.of('Pod', namespace)), replicas, image)
}

/** Also for those that nobody asks for any more, and that were left behind. */
export function judgeCounts(namespace: string, survey: Survey, say: Say): void {
  for (const replicaSet of survey.of('ReplicaSet', namespace)) {
    const live = ownedBy(replicaSet, survey.of('Pod', namespace)).filter(isLive)
    const { spec, status, metadata } = replicaSet
    const found = [status.replicas, status.readyReplicas ?? 0, status.availableReplicas ?? 0]
    const wanted = [spec.replicas, spec.replicas, spec.replicas]
    compare(
      say,
      `ReplicaSet ${namespace}/${metadata.name}`,
      [live.length, ...found],
      [spec.replicas, ...wanted],
    )
  }
}

function judgeStatefulSet(set: StatefulSet, { wish, what, namespace, survey, say }: Case): void {
  const { replicas, image, isPlain } = wish
  const pods = ownedBy(set, survey.of('Pod', namespace))
  comparePods(say, what, pods, replicas, image)
  const names = Array.from({ length: replicas }, (_, ordinal) => `${wish.name}-${ordinal}`)
  compare(say, `${what}: names`, pods.map(({ metadata }) => metadata.name).toSorted(), names)
  const { status } = set
  const found = [status.replicas, status.readyReplicas ?? 0, status.updatedReplicas ?? 0]
  compare(say, what, found, [replicas, replicas, replicas])
  if (status.currentRevision !== status.updateRevision) say(`${what}: still rolls`)
  if (isPlain) return
  for (const name of names) {
    const claims = survey.of('PersistentVolumeClaim', namespace)
    const claim = claims.find(({ metadata }) => metadata.name === `data-${name}`)
    if (claim?.status.phase !== 'Bound') say(`${what}: claim of ${name} is not bound`)
  }
}

function judgeDaemonSet(set: DaemonSet, { wish, what, namespace, survey, say }: Case): void {
  const count = survey.of('Node').length
  const pods = ownedBy(set, survey.of('Pod', namespace))
  comparePods(say, what, pods, count, wish.image)
  const nodes = pods.map(({ spec }) => spec.nodeName).toSorted()
  const names = survey.of('Node').map(({ metadata }) => metadata.name)
  compare(say, `${what}: nodes`, nodes, names.toSorted())
  const { status } = set
  const found = [
    status.desiredNumberScheduled,
    status.currentNumberScheduled,
    status.numberReady,
    status.numberAvailable ?? 0,
    status.updatedNumberScheduled ?? 0,
    status.numberMisscheduled,
  ]
  compare(say, what, found, [count, count, count, count, count, 0])
}

function judgeJob(job: Job, { wish, what, namespace, survey, say }: Case): void {
  const { isFailing, isPlain, replicas } = wish
  const { status } = job
  judgeRest(job, what, namespace, survey, say)
  if (isFailing) {
    const failed = findCondition(status.conditions, 'Failed')
    if (failed?.reason !== 'BackoffLimitExceeded') say(`${what}: has not failed`)
    if ((status.failed ?? 0) <= FAILING_BACKOFF_LIMIT) say(`${what}: ${status.failed} failures`)
    if (status.succeeded) say(`${what}: has succeeded ${status.succeeded} times`)
    return
  }
  if (findCondition(status.conditions, 'Complete')?.status !== 'True') say(`${what}: not complete`)
  const last = replicas - 1
  const indexes = last === 0 ? '0' : last === 1 ? '0,1' : `0-${last}`
  if (!isPlain) {
    compare(say, what, [status.succeeded, status.completedIndexes], [replicas, indexes])
  } else if ((status.succeeded ?? 0) < replicas) say(`${what}: succeeded ${status.succeeded}`)
}

/** A Job that has ended is at rest, and has let its pods go. */
function judgeRest(job: Job, what: string, namespace: string, survey: Survey, say: Say): void {
  const { active = 0, ready = 0, terminating = 0, uncountedTerminatedPods = {} } = job.status
  const { succeeded = [], failed = [] } = uncountedTerminatedPods ?? {}
  const rest = [active, ready, terminating, succeeded?.length ?? 0, failed?.length ?? 0]
  compare(say, `${what}: at rest`, rest, [0, 0, 0, 0, 0])
  for (const pod of ownedBy(job, survey.of('Pod', namespace))) {
    const { name, finalizers = [] } = pod.metadata
    if (!isOver(pod)) say(`${what}: pod ${name} is ${pod.status.phase}`)
    if (finalizers.length > 0) say(`${what}: pod ${name} has finalizers ${finalizers}`)
  }
}

function judgeCronJob(cronJob: CronJob, { what, namespace, survey, say }: Case): void {
  const jobs = ownedBy(cronJob, survey.of('Job', namespace))
  for (const job of jobs)
    judgeRest(job, `Job ${namespace}/${job.metadata.name}`, namespace, survey, say)
  if (cronJob.status.active?.length) say(`${what}: active ${cronJob.status.active.length}`)
  const complete = jobs.filter(
    ({ status }) => findCondition(status.conditions, 'Complete')?.status === 'True',
  )
  if (complete.length > HISTORY_LIMIT) say(`${what}: keeps ${complete.length} jobs`)
}
