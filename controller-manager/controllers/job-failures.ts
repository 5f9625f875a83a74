/** What the failure of a pod means to its Job: the pod failure policy, and failures of an index. */
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '#api/parts/batch/job-spec.ts'
import { annotatedNumber } from '../rollout.ts'
import { hasFailed } from './job-pods.ts'

const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count'
const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** What the first rule that is about a failed pod says about it. */
export interface FailureVerdict {
  /** Undefined when no rule is about it. */
  readonly action: PodFailurePolicyRule['action'] | undefined
  /** Why the whole Job fails, if it does. */
  readonly message?: string
}

const noRule: FailureVerdict = { action: undefined }

export function failureVerdict(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [position, rule] of (policy?.rules ?? []).entries()) {
    const cause = causeOf(rule, pod)
    if (cause === undefined) continue
    const { action } = rule
    const message = `${cause} matching ${action} rule at index ${position}`
    return action === 'FailJob' ? { action, message } : { action }
  }
  return noRule
}

/** What about the pod is as the rule has it; undefined when nothing is. */
function causeOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, pod: Pod) {
  const { metadata, status } = pod
  const name = `${metadata.namespace}/${metadata.name}`
  if (onExitCodes) {
    const { containerStatuses, initContainerStatuses } = status
    const statuses = [...(containerStatuses ?? []), ...(initContainerStatuses ?? [])]
    const ended = statuses.map((each) => ({
      container: each.name,
      exitCode: each.state?.terminated?.exitCode ?? 0,
    }))
    const found = ended.find((each) => matchesExitCode(onExitCodes, each))
    return (
      found &&
      `Container ${found.container} for pod ${name} failed with exit code ${found.exitCode}`
    )
  }
  const found = status.conditions?.find((condition) =>
    onPodConditions?.some(
      (pattern) => pattern.type === condition.type && pattern.status === condition.status,
    ),
  )
  return found && `Pod ${name} has condition ${found.type}`
}

function matchesExitCode(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  { container, exitCode }: { readonly container: string; readonly exitCode: number },
): boolean {
  if (containerName !== undefined && containerName !== container) return false
  // Zero is no failure, and no rule is about it.
  if (exitCode === 0) return false
  return (values ?? []).includes(exitCode) === (operator === 'In')
}

/** Whether the failure counts against the limits of the Job. */
export const isCounted = ({ spec }: Job, pod: Pod): boolean =>
  failureVerdict(spec.podFailurePolicy, pod).action !== 'Ignore'

/** Failures of the index before this pod; those that were ignored are not among the counted. */
export interface IndexFailures {
  readonly counted: number
  readonly ignored: number
}

const indexFailuresOf = (pod: Pod): IndexFailures => ({
  counted: annotatedNumber(pod, INDEX_FAILURES) ?? 0,
  ignored: annotatedNumber(pod, INDEX_IGNORED_FAILURES) ?? 0,
})

export const allFailuresOf = (pod: Pod): number => {
  const { counted, ignored } = indexFailuresOf(pod)
  return counted + ignored
}

/** What a pod of an index says about those before it, of which the last one is given. */
export function failureAnnotations(
  job: Job,
  replaced: Pod | undefined,
): Readonly<Record<string, string>> {
  const before = replaced ? indexFailuresOf(replaced) : { counted: 0, ignored: 0 }
  const isOneMore = replaced !== undefined && isCounted(job, replaced)
  const ignored = before.ignored + Number(replaced !== undefined && !isOneMore)
  return {
    [INDEX_FAILURES]: String(before.counted + Number(isOneMore)),
    ...(ignored > 0 && { [INDEX_IGNORED_FAILURES]: String(ignored) }),
  }
}

/** Whether the end of this pod is the end of its index. */
export function failsIndex(job: Job, pod: Pod): boolean {
  const { podFailurePolicy, backoffLimitPerIndex = 0 } = job.spec
  if (!hasFailed(pod, job)) return false
  const { action } = failureVerdict(podFailurePolicy, pod)
  if (action === 'FailIndex') return true
  return action !== 'Ignore' && indexFailuresOf(pod).counted >= backoffLimitPerIndex
}

/** Containers of pods that go on restarted so often that the Job has to give up. */
export function restartsTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  const { backoffLimit = 0 } = spec
  const restarts = pods
    .filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending')
    .flatMap(({ status }) => [
      ...(status.initContainerStatuses ?? []),
      ...(status.containerStatuses ?? []),
    ])
    .reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0)
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit
}
