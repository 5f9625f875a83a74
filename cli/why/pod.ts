/** Why a pod is not Running and Ready. Pure. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ContainerStatus } from '#api/parts/core/container-status.ts'
import { claimFindings } from './claim.ts'
import { type Finding, hinted, newest, verdictFindings } from './findings.ts'
import type { KnownPod } from './known.ts'

export function podFindings(known: KnownPod): readonly Finding[] {
  const { pod, isNodeReady, claims } = known
  const { metadata, spec, status } = pod
  if (status.phase === 'Succeeded') return [{ text: 'It has done its work: all ended well.' }]
  return [
    ...(metadata.deletionTimestamp ? deletion(pod) : []),
    ...(status.phase === 'Failed' && (status.reason || status.message)
      ? [hinted(`It failed: ${[status.reason, status.message].filter(Boolean).join(': ')}`)]
      : []),
    ...(spec.nodeName ? [] : unscheduled(known)),
    ...(isNodeReady === false
      ? [
          {
            text: `Its node ${spec.nodeName} is not Ready.`,
            advice: `nanokube why node/${spec.nodeName}`,
          },
        ]
      : []),
    ...claims.flatMap(({ name, claim, events }) =>
      claimFindings(name, claim, events).map(({ text, advice }) => ({
        text: `Claim ${name}: ${text}`,
        ...(advice && { advice }),
      })),
    ),
    ...(spec.nodeName ? onNode(known) : []),
  ]
}

function deletion({ metadata, spec }: Pod): readonly Finding[] {
  const { finalizers = [] } = metadata
  const held = finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''
  const where = spec.nodeName ? ` until its containers on ${spec.nodeName} have ended` : ''
  return [{ text: `It is being deleted${where}${held}.` }]
}

function unscheduled({ pod, events }: KnownPod): readonly Finding[] {
  const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.reason === 'SchedulingGated') {
    const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name).join(', ')
    return [{ text: `It waits for somebody to take away its scheduling gates: ${gates}.` }]
  }
  const message = scheduled?.message ?? newest(events, 'FailedScheduling')?.message
  if (message) return verdictFindings(message)
  return [
    {
      text: `No scheduler has looked at it yet; it asks for "${pod.spec.schedulerName}".`,
      advice: 'See whether that one runs: nanokube status',
    },
  ]
}

function onNode({ pod, events }: KnownPod): readonly Finding[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status
  const failedMount = newest(events, 'FailedMount', 'FailedAttachVolume')
  const failedSandbox = newest(events, 'FailedCreatePodSandBox')
  const hasStarted = [...initContainerStatuses, ...containerStatuses].some(
    ({ state }) => state?.running || state?.terminated,
  )
  const before = hasStarted ? [] : [failedMount, failedSandbox].flatMap((each) => each ?? [])
  return [
    ...before.map(({ reason, message }) => hinted(`${reason}: ${message}`)),
    ...initContainerStatuses.flatMap((each) => containerFinding('Init container', each, events)),
    ...containerStatuses.flatMap((each) => containerFinding('Container', each, events)),
    ...gates(pod),
  ]
}

/** What others have to say before the pod counts as Ready. */
function gates({ spec, status }: Pod): readonly Finding[] {
  return (spec.readinessGates ?? [])
    .filter(({ conditionType }) => {
      const found = status.conditions?.find(({ type }) => type === conditionType)
      return found?.status !== 'True'
    })
    .map(({ conditionType }) => ({ text: `Its readiness gate ${conditionType} is not True.` }))
}

function containerFinding(
  what: string,
  container: ContainerStatus,
  events: KnownPod['events'],
): readonly Finding[] {
  const { name, state, lastState, ready, restartCount, started } = container
  const of = `${what} ${name}`
  if (state?.waiting) {
    const { reason = 'waiting', message } = state.waiting
    if (reason === 'CrashLoopBackOff') {
      const ended = lastState?.terminated
      const advice = `Read what it said: kubectl logs POD -c ${name} --previous`
      return [{ text: `${of} keeps ending: ${endOf(ended)}, ${restartCount} restarts.`, advice }]
    }
    if (reason === 'ContainerCreating' || reason === 'PodInitializing') return []
    return [hinted(`${of}: ${reason}${message ? `: ${message}` : ''}`)]
  }
  if (state?.terminated && state.terminated.exitCode !== 0) {
    const advice = `Read what it said: kubectl logs POD -c ${name}`
    return [{ text: `${of} has ended: ${endOf(state.terminated)}.`, advice }]
  }
  if (!state?.running || ready || what !== 'Container') return []
  const probe = newest(events, 'Unhealthy')
  const kind = started === false ? 'has not started by its probe' : 'is not ready'
  return [{ text: `${of} runs and ${kind}${probe ? `: ${probe.message}` : '.'}` }]
}

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>

function endOf(ended: Terminated | undefined): string {
  if (!ended) return 'nothing is known of its end'
  const { reason, exitCode, message } = ended
  const cause = reason === 'OOMKilled' ? 'it used more memory than its limit' : reason
  return `exit code ${exitCode}${cause ? ` (${cause})` : ''}${message ? `: ${message.trim()}` : ''}`
}
