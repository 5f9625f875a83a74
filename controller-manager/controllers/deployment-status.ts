/** What the status of a Deployment says: counters, and whether its rollout makes progress. Pure. */
import { findCondition, withoutCondition } from '#api/conditions.ts'
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
} from '#api/kinds/apps/deployment.ts'
import type { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { epochToTime } from '#api/time.ts'
import { timeToMs } from '../pods.ts'
import { allOf, type Revisions } from './deployment-revision.ts'
import { limitsOf, wantedReplicas } from './deployment-scale.ts'
import { withoutZeros } from './replicaset-plan.ts'

export type Conditions = readonly DeploymentCondition[]
type News = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>

/** As upstream, this number means that there is no deadline at all. */
const NO_DEADLINE = 2 ** 31 - 1

export const hasDeadline = ({ spec }: Deployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE

/** As upstream, a condition whose status and reason stay is left alone, whatever its message. */
export function withNews(conditions: Conditions, news: News, nowMs: number): Conditions {
  const present = findCondition(conditions, news.type)
  if (present?.status === news.status && present.reason === news.reason) return conditions
  return replaced(conditions, news, nowMs)
}

function replaced(conditions: Conditions, news: News, nowMs: number): Conditions {
  const present = findCondition(conditions, news.type)
  const now = epochToTime(Math.floor(nowMs / 1000))
  const isMoved = present?.status !== news.status
  const lastTransitionTime = isMoved ? now : (present?.lastTransitionTime ?? now)
  const others = withoutCondition(conditions, news.type)
  return [...others, { ...news, lastUpdateTime: now, lastTransitionTime }]
}

export const progressing = (status: News['status'], reason: string, message: string): News => ({
  type: 'Progressing',
  status,
  reason,
  message,
})

/** So that nobody blames a rollout for the time for which it was paused. */
export function pausedConditions(deployment: Deployment, nowMs: number): Conditions {
  const conditions = deployment.status.conditions ?? []
  const present = findCondition(conditions, 'Progressing')
  if (!hasDeadline(deployment) || present?.reason === 'ProgressDeadlineExceeded') return conditions
  const isKnown = present?.reason === 'DeploymentPaused'
  if (Boolean(deployment.spec.paused) === isKnown) return conditions
  const news = isKnown
    ? progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed')
    : progressing('Unknown', 'DeploymentPaused', 'Deployment is paused')
  return withNews(conditions, news, nowMs)
}

/** Counters and availability; `conditions` are those so far. */
export function countedStatus(
  revisions: Revisions,
  conditions: Conditions,
  nowMs: number,
): DeploymentStatus {
  const { deployment, current } = revisions
  const all = allOf(revisions)
  const total = (count: (status: ReplicaSet['status']) => number | undefined): number =>
    all.reduce((sum, { status }) => sum + (count(status) ?? 0), 0)
  const available = total(({ availableReplicas }) => availableReplicas)
  const { collisionCount } = deployment.status
  const isEnough = available >= deployment.spec.replicas - limitsOf(deployment).unavailable
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: total(({ replicas }) => replicas),
      updatedReplicas: current?.status.replicas ?? 0,
      readyReplicas: total(({ readyReplicas }) => readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(wantedReplicas(all) - available, 0),
    }),
    terminatingReplicas: total(({ terminatingReplicas }) => terminatingReplicas),
    conditions: [...withNews(conditions, availability(isEnough), nowMs)],
    ...(collisionCount !== undefined && { collisionCount }),
  }
}

const availability = (isEnough: boolean): News =>
  isEnough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }

/** All pods are of the current template, and available. */
export function isComplete({ metadata, spec }: Deployment, status: DeploymentStatus): boolean {
  const counts = [status.updatedReplicas, status.replicas, status.availableReplicas]
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  return isSeen && counts.every((count = 0) => count === spec.replicas)
}

/** The counters, and how the rollout comes on. */
export function rolloutStatus(
  revisions: Revisions,
  conditions: Conditions,
  nowMs: number,
): DeploymentStatus {
  const { deployment } = revisions
  const counted = countedStatus(revisions, conditions, nowMs)
  let next: Conditions = counted.conditions ?? []
  if (!hasDeadline(deployment)) next = withoutCondition(next, 'Progressing')
  else next = withProgress(revisions, counted, conditions, nowMs)
  const failure = failureOf(revisions)
  next = failure ? withNews(next, failure, nowMs) : withoutCondition(next, 'ReplicaFailure')
  return { ...counted, conditions: [...next] }
}

function withProgress(
  { deployment, current }: Revisions,
  counted: DeploymentStatus,
  before: Conditions,
  nowMs: number,
): Conditions {
  const conditions = counted.conditions ?? []
  const present = findCondition(before, 'Progressing')
  const { replicas = 0, updatedReplicas = 0 } = counted
  const isSettled = replicas === updatedReplicas && present?.reason === 'NewReplicaSetAvailable'
  if (isSettled) return conditions
  const subject = current
    ? `ReplicaSet "${current.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`
  if (isComplete(deployment, counted)) {
    const message = `${subject} has successfully progressed.`
    return withNews(conditions, progressing('True', 'NewReplicaSetAvailable', message), nowMs)
  }
  if (hasProgressed(deployment.status, counted)) {
    // The time of the last update is what the deadline counts from: it moves each time.
    const message = `${subject} is progressing.`
    return replaced(conditions, progressing('True', 'ReplicaSetUpdated', message), nowMs)
  }
  if (!isOverdue(deployment, present, nowMs)) return conditions
  const message = `${subject} has timed out progressing.`
  return withNews(conditions, progressing('False', 'ProgressDeadlineExceeded', message), nowMs)
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const oldPods = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) =>
    replicas - updatedReplicas
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldPods(after) < oldPods(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function deadlineMs(
  { spec }: Deployment,
  { lastUpdateTime }: DeploymentCondition,
): number | undefined {
  const since = timeToMs(lastUpdateTime)
  return since === undefined ? undefined : since + spec.progressDeadlineSeconds * 1000
}

function isOverdue(
  deployment: Deployment,
  present: DeploymentCondition | undefined,
  nowMs: number,
): boolean {
  if (!present || present.reason === 'NewReplicaSetAvailable') return false
  if (present.reason === 'ProgressDeadlineExceeded') return true
  const deadline = deadlineMs(deployment, present)
  return deadline !== undefined && deadline < nowMs
}

/** Until the rollout will be overdue, if it makes no progress; undefined when it cannot be. */
export function overdueInMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const present = findCondition(status.conditions, 'Progressing')
  if (!present || !hasDeadline(deployment) || deployment.spec.paused) return undefined
  if (isComplete(deployment, status) || present.reason === 'ProgressDeadlineExceeded') {
    return undefined
  }
  const deadline = deadlineMs(deployment, present)
  // Times in objects are whole seconds.
  return deadline === undefined ? undefined : Math.max(deadline - nowMs, 0) + 1000
}

/** A failure of the current ReplicaSet before one of any other. */
function failureOf(revisions: Revisions): News | undefined {
  const { current, old } = revisions
  for (const { status } of current ? [current, ...old] : old) {
    const failure = findCondition(status.conditions, 'ReplicaFailure')
    if (failure) return { ...failure, reason: failure.reason ?? '', message: failure.message ?? '' }
  }
  return undefined
}
