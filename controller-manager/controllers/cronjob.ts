/** CronJobs: Jobs that are started again and again, by a schedule. */
import { CronJob, type CronJobStatus } from '#api/kinds/batch/cron-job.ts'
import { Job } from '#api/kinds/batch/job.ts'
import { CronError, isTimeZone } from '#api/rules/cron-schedule.ts'
import { isReason } from '#api/status.ts'
import { controllerOf } from '#client/cache.ts'
import { type Controller, defineController, type ReconcileContext } from '#client/controller.ts'
import { keyOf } from '#client/resource.ts'
import { isNamespaceTerminating, messageOf } from '../pods.ts'
import {
  jobAt,
  jobNameAt,
  missingJobs,
  outdatedJobs,
  seeJobs,
  withoutActive,
  withStarted,
} from './cronjob-plan.ts'
import { type Due, dueRun, scheduleOf } from './cronjob-schedule.ts'
import { finishedCondition, timeText } from './job-conditions.ts'

/** What a process knows of a CronJob beyond its object. */
interface Memory {
  readonly uid: string
  /** The schedule with its time zone. */
  readonly schedule: string
  /** When the schedule was seen to change. */
  readonly sinceMs?: number
  /** The run that was last reported as missed. */
  missedAtMs?: number
}

type Memories = Map<string, Memory>

/** Each has a memory of its own, which may get lost. */
export function cronJobController(): Controller {
  const memories: Memories = new Map()
  return defineController<CronJob>({
    name: 'cronjob-controller',
    for: CronJob,
    owns: [Job],
    reconcile: (cronJob, context) => reconcile(cronJob, context, memories),
    removed: async (reference) => void memories.delete(keyOf(reference)),
  })
}

async function reconcile(cronJob: CronJob, context: ReconcileContext, memories: Memories) {
  const { cached, client } = context
  const memory = remembered(cronJob, memories, context.clock.now())
  const work = new CronJobWork(cronJob, cached(Job).ownedBy(cronJob), context, memory)
  try {
    return { requeueAfterMs: await work.run() }
  } finally {
    // What has been done is done, whatever came after it.
    await client.updateStatus(CronJob, cronJob, work.status)
  }
}

function remembered(cronJob: CronJob, memories: Memories, nowMs: number): Memory {
  const { metadata, spec } = cronJob
  const schedule = `${spec.schedule}\n${spec.timeZone ?? ''}`
  const known = memories.get(keyOf(metadata))
  const isKnown = known?.uid === metadata.uid
  if (isKnown && known.schedule === schedule) return known
  const memory = { uid: metadata.uid, schedule, ...(isKnown && { sinceMs: nowMs }) }
  memories.set(keyOf(metadata), memory)
  return memory
}

/** One look at a CronJob; the status grows while it acts. */
class CronJobWork {
  status: CronJobStatus
  readonly #cronJob: CronJob
  readonly #jobs: readonly Job[]
  readonly #context: ReconcileContext
  readonly #memory: Memory

  constructor(cronJob: CronJob, jobs: readonly Job[], context: ReconcileContext, memory: Memory) {
    this.#cronJob = cronJob
    this.#jobs = jobs
    this.#context = context
    this.#memory = memory
    this.status = cronJob.status
  }

  /** Until it is to be looked at again without any change. */
  async run(): Promise<number | undefined> {
    for (const job of outdatedJobs(this.#cronJob, this.#jobs)) await this.#delete(job)
    const due = this.#due()
    this.#see(due)
    await this.#forgetMissing()
    if (!due || !this.#mayStart()) return undefined
    await this.#startDue(due)
    return due.waitMs
  }

  /** Undefined when the schedule does not say. */
  #due(): Due | undefined {
    const { events, clock } = this.#context
    const { spec } = this.#cronJob
    if (!this.#mayStart()) return undefined
    if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone)) {
      const zone = JSON.stringify(spec.timeZone)
      const message = `invalid timeZone: ${zone}: unknown time zone ${spec.timeZone}`
      events.warning(this.#cronJob, 'UnknownTimeZone', message)
      return undefined
    }
    const schedule = scheduleOf(this.#cronJob)
    if (schedule instanceof CronError) {
      const message = `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${schedule.message}`
      events.warning(this.#cronJob, 'UnparseableSchedule', message)
      return undefined
    }
    const due = dueRun(this.#cronJob, schedule, clock.now(), this.#memory.sinceMs)
    if (due) return due
    const problem = 'time difference between two schedules is less than 1 second'
    const message = `invalid schedule: ${spec.schedule} : ${problem}`
    events.warning(this.#cronJob, 'InvalidSchedule', message)
    return undefined
  }

  #mayStart(): boolean {
    const { metadata, spec } = this.#cronJob
    return !metadata.deletionTimestamp && spec.suspend !== true
  }

  #see(due: Due | undefined): void {
    const { events } = this.#context
    const { status, ended, unexpected } = seeJobs(this.status, this.#jobs)
    this.status = status
    for (const job of ended) {
      const condition = finishedCondition(job)?.type
      const message = `Saw completed job: ${job.metadata.name}, condition: ${condition}`
      events.normal(this.#cronJob, 'SawCompletedJob', message)
    }
    // One that was created for the run that is due now is only not noted down yet.
    const expected = due?.atMs === undefined ? undefined : jobNameAt(this.#cronJob, due.atMs)
    for (const { metadata } of unexpected.filter((job) => job.metadata.name !== expected)) {
      const message = `Saw a job that the controller did not create or forgot: ${metadata.name}`
      events.warning(this.#cronJob, 'UnexpectedJob', message)
    }
  }

  /** The cache may be behind, so the server is asked before a Job is given up. */
  async #forgetMissing(): Promise<void> {
    const { client, events } = this.#context
    const { namespace } = this.#cronJob.metadata
    for (const { name = '', uid } of missingJobs(this.status, this.#jobs)) {
      const job = await client.find(Job, { name, namespace })
      if (job && job.metadata.uid === uid) continue
      events.normal(this.#cronJob, 'MissingJob', `Active job went missing: ${name}`)
      this.status = withoutActive(this.status, new Set([uid]))
    }
  }

  async #startDue({ atMs, missedAtMs, hasMissedMany }: Due): Promise<void> {
    const { events } = this.#context
    if (missedAtMs !== undefined) this.#reportMissed(missedAtMs)
    if (atMs === undefined) return
    if (hasMissedMany) {
      const message =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
      events.warning(this.#cronJob, 'TooManyMissedTimes', message)
    }
    const active = this.status.active ?? []
    const name = jobNameAt(this.#cronJob, atMs)
    if (active.some((each) => each.name === name)) return
    const { concurrencyPolicy } = this.#cronJob.spec
    if (concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message =
        'Not starting job because prior execution is running and concurrency policy is Forbid'
      events.normal(this.#cronJob, 'JobAlreadyActive', message)
      return
    }
    if (concurrencyPolicy === 'Replace') await this.#replaceActive()
    await this.#start(atMs)
  }

  /** Once for each run: nothing in the object says that it is known already. */
  #reportMissed(atMs: number): void {
    if (this.#memory.missedAtMs === atMs) return
    this.#memory.missedAtMs = atMs
    const time = new Date(atMs).toUTCString().replace('GMT', '+0000')
    const message = `Missed scheduled time to start a job: ${time}`
    this.#context.events.warning(this.#cronJob, 'MissSchedule', message)
  }

  async #replaceActive(): Promise<void> {
    for (const { name = '' } of this.status.active ?? []) await this.#delete(await this.#get(name))
  }

  async #get(name: string): Promise<Job> {
    const { client, events } = this.#context
    const { namespace } = this.#cronJob.metadata
    try {
      return await client.get(Job, { name, namespace })
    } catch (error) {
      events.warning(this.#cronJob, 'FailedGet', `Get job: ${messageOf(error)}`)
      throw error
    }
  }

  async #delete(job: Job): Promise<void> {
    const { client, events } = this.#context
    const { name, uid } = job.metadata
    try {
      await client.delete(Job, job, { propagationPolicy: 'Background' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) {
        events.warning(this.#cronJob, 'FailedDelete', `Deleted job: ${messageOf(error)}`)
        throw error
      }
    }
    this.status = withoutActive(this.status, new Set([uid]))
    events.normal(this.#cronJob, 'SuccessfulDelete', `Deleted job ${name}`)
  }

  async #start(atMs: number): Promise<void> {
    const job = await this.#created(atMs)
    if (job) this.status = withStarted(this.status, job, timeText(atMs))
  }

  /** Undefined when there is no Job to take note of. */
  async #created(atMs: number): Promise<Job | undefined> {
    const { client, events } = this.#context
    const wanted = jobAt(this.#cronJob, atMs)
    try {
      const job = await client.create(Job, wanted)
      events.normal(this.#cronJob, 'SuccessfulCreate', `Created job ${job.metadata.name}`)
      return job
    } catch (error) {
      if (isReason(error, 'AlreadyExists'))
        return this.#createdBefore(jobNameAt(this.#cronJob, atMs))
      // Nothing can be created there any more, and soon the CronJob is gone, too.
      if (isNamespaceTerminating(error)) return undefined
      const message = `Error creating job: ${messageOf(error)}`
      events.warning(this.#cronJob, 'FailedCreate', message)
      throw error
    }
  }

  /** Somebody was interrupted before the status said so, or the name belongs to another's Job. */
  async #createdBefore(name: string): Promise<Job | undefined> {
    const { namespace, uid } = this.#cronJob.metadata
    const job = await this.#context.client.find(Job, { name, namespace })
    if (!job || controllerOf(job)?.uid !== uid) return undefined
    const isKnown = this.status.active?.some((each) => each.uid === job.metadata.uid)
    return isKnown ? undefined : job
  }
}
