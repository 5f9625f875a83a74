/** One look at a Job: creates and removes pods, counts those that have ended, and says so. */
import { Job, type JobCondition, type JobStatus } from '#api/kinds/batch/job.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Outcome, ReconcileContext } from '#client/controller.ts'
import type { EventRecorder } from '#client/events.ts'
import { claim } from '../adoption.ts'
import { createPod, deletePod, inGrowingBatches, isReady } from '../pods.ts'
import { selectorOf } from '../rollout.ts'
import {
  type Ending,
  endingOf,
  finishedCondition,
  succeeding,
  suspension,
  timeText,
  withJobCondition,
} from './job-conditions.ts'
import type { JobMemories } from './job-memory.ts'
import { type PodPlan, planPods, removing } from './job-plan.ts'
import { jobPod } from './job-pod-template.ts'
import { isManagedElsewhere, isSuspended, releasePod, TRACKING } from './job-pods.ts'
import { deadlineMs, judgeJob, type Survey, surveyJob } from './job-survey.ts'
import { counted, finishedStatus, planTracking, type Tracking } from './job-tracking.ts'

export async function reconcileJob(
  job: Job,
  context: ReconcileContext,
  memories: JobMemories,
): Promise<Outcome> {
  if (isManagedElsewhere(job)) return {}
  if (finishedCondition(job)) {
    memories.forget(job.metadata)
    return {}
  }
  const nowMs = context.clock.now()
  const selector = selectorOf(job.spec.selector)
  const pods = await claim(
    { ownerKind: Job, owner: job, selector, kind: Pod, finalizer: TRACKING },
    context,
  )
  const started = { ...job, status: startedStatus(job, nowMs) }
  const survey = surveyJob(started, pods, memories.refreshed(job, pods))
  const verdict = judgeJob(started, survey, nowMs)
  const plan = verdict ? removing(survey.active) : planPods(started, survey, nowMs)
  const done = await act(started, plan, context)
  const ending = endingAfter(started, survey, done, verdict, nowMs)
  const suspended = verdict || ending ? undefined : suspensionOf(started, nowMs)
  const working = workingStatus(started.status, survey, done, suspended)
  const given = ending ? endingStatus(job, working, nowMs) : working
  const tracking = planTracking(started, given, survey, ending)
  const stored = await context.client.updateStatus(Job, job, tracking.status)
  if (suspended) sayWhetherSuspended(job, suspended, context.events)
  await finish(stored, { survey, tracking, ending, memories }, context)
  if (done.failure) throw done.failure.error
  // A Job that ends waits for its pods alone, and their changes bring it here again.
  return verdict ? {} : { requeueAfterMs: earliest(plan.waitMs, deadlineMs(stored, nowMs)) }
}

/** While it is suspended no time passes for it: a Job that goes on begins anew. */
function startedStatus(job: Job, nowMs: number): JobStatus {
  const { status } = job
  if (endingOf(job)) return status
  const { startTime, ...rest } = status
  if (isSuspended(job)) return rest
  const isResumed = suspension(status, false, nowMs) !== undefined
  return startTime && !isResumed ? status : { ...rest, startTime: timeText(nowMs) }
}

/** What ends has begun, even if it was suspended all the time; unless there was nothing to do. */
function endingStatus({ spec }: Job, status: JobStatus, nowMs: number): JobStatus {
  return status.startTime || spec.completions === 0
    ? status
    : { ...status, startTime: timeText(nowMs) }
}

interface Done {
  readonly created: number
  readonly removed: readonly Pod[]
  readonly failure?: { readonly error: unknown }
}

async function act(job: Job, plan: PodPlan, context: ReconcileContext): Promise<Done> {
  const removed: Pod[] = []
  const outcomes = await Promise.allSettled(
    plan.remove.map(async (pod) => {
      await deletePod(job, pod, context)
      removed.push(pod)
    }),
  )
  let created = 0
  const wanted = plan.create.values()
  const creating = inGrowingBatches(plan.create.length, async () => {
    await createPod(job, jobPod(job, wanted.next().value ?? {}), context)
    created++
  })
  outcomes.push(...(await Promise.allSettled([creating])))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  return { created, removed, ...(failed && { failure: { error: failed.reason } }) }
}

/** A Job ends when none of its pods is at work any more, and its status can say so. */
function endingAfter(
  { spec }: Job,
  { active, succeeded }: Survey,
  { created, removed }: Done,
  verdict: Ending | undefined,
  nowMs: number,
): Ending | undefined {
  if (active.length + created > removed.length) return undefined
  if (verdict) return verdict
  const isComplete = spec.completions === undefined ? succeeded > 0 : succeeded >= spec.completions
  return isComplete
    ? succeeding('CompletionsReached', 'Reached expected number of succeeded pods', nowMs)
    : undefined
}

const suspensionOf = (job: Job, nowMs: number): JobCondition | undefined =>
  job.metadata.deletionTimestamp ? undefined : suspension(job.status, isSuspended(job), nowMs)

function workingStatus(
  status: JobStatus,
  survey: Survey,
  { created, removed }: Done,
  suspended: JobCondition | undefined,
): JobStatus {
  const { active: _, ...rest } = suspended ? withJobCondition(status, suspended) : status
  const active = survey.active.length + created - removed.length
  return {
    ...rest,
    ...(active > 0 && { active }),
    ready: survey.active.filter(isReady).length - removed.filter(isReady).length,
    terminating: survey.terminating.length + removed.length,
    uncountedTerminatedPods: status.uncountedTerminatedPods ?? {},
  }
}

function sayWhetherSuspended(job: Job, { status }: JobCondition, events: EventRecorder): void {
  if (status === 'True') events.normal(job, 'Suspended', 'Job suspended')
  else events.normal(job, 'Resumed', 'Job resumed')
}

interface Finishing {
  readonly survey: Survey
  readonly tracking: Tracking
  readonly ending: Ending | undefined
  readonly memories: JobMemories
}

/** With the UIDs stored, pods are let go; with pods let go, they are numbers, and the Job over. */
async function finish(
  stored: Job,
  { survey, tracking, ending, memories }: Finishing,
  { client, clock, events }: ReconcileContext,
): Promise<void> {
  const released = new Set<string>()
  const outcomes = await Promise.allSettled(
    tracking.release.map(async (pod) => {
      await releasePod(pod, client)
      released.add(pod.metadata.uid)
    }),
  )
  memories.noteReleased(stored, released)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  const status = counted(stored.status, survey.tracked.difference(released))
  const isOver = ending && !failed && !tracking.isPartial
  const over = isOver ? finishedStatus(status, ending, clock.now()) : undefined
  await client.updateStatus(Job, stored, over?.status ?? status)
  if (failed) throw failed.reason
  if (over) sayHowItEnded(stored, over, events)
}

function sayHowItEnded(
  job: Job,
  { status, end }: { readonly status: JobStatus; readonly end: JobCondition },
  events: EventRecorder,
): void {
  if (end.type === 'Failed') {
    events.warning(job, end.reason ?? '', end.message ?? '')
    return
  }
  const { completions } = job.spec
  if (completions !== undefined && (status.succeeded ?? 0) > completions) {
    events.warning(job, 'TooManySucceededPods', 'Too many succeeded pods recorded')
  }
  events.normal(job, 'Completed', 'Job completed')
}

function earliest(...waits: readonly (number | undefined)[]): number | undefined {
  const known = waits.filter((wait) => wait !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}
