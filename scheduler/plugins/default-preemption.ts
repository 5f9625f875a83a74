/** A pod that fits nowhere may take the place of less important ones. */
import { findCondition } from '#api/conditions.ts'
import { failureMessage } from '../failure-message.ts'
import type { NodeInfo } from '../node-info.ts'
import {
  type FailedAttempt,
  type Plugin,
  type Refusal,
  type RescueResult,
  refusal,
} from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { type Candidate, candidateOn, leastHarm } from '../victims.ts'

export interface DefaultPreemptionArgs {
  /** How many nodes are tried in a large cluster: a share of them, and never fewer than so many. */
  readonly minCandidateNodesPercentage: number
  readonly minCandidateNodesAbsolute: number
}

const NAME = 'DefaultPreemption'
const PREFIX = 'preemption: '
export const PREEMPTED = 'PreemptionByScheduler'
const notHelpful = refusal(NAME, 'Preemption is not helpful for scheduling', true)
const usual: DefaultPreemptionArgs = {
  minCandidateNodesPercentage: 10,
  minCandidateNodesAbsolute: 100,
}

export function defaultPreemptionWith(args: DefaultPreemptionArgs): Plugin {
  return {
    name: NAME,
    rescue(attempt) {
      const problem = ineligibility(attempt)
      if (problem) return { type: 'none', message: PREFIX + problem, keeps: true }
      return rescued(attempt, args)
    },
  }
}

export const defaultPreemption = defaultPreemptionWith(usual)

/** Why the pod may not ask others to leave. */
function ineligibility({ pod, view, verdicts }: FailedAttempt): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const promised = view.nominations.nodeOf(pod)
  const node = promised === undefined ? undefined : view.snapshot.node(promised)
  // A promise that cannot be kept any more is no reason to wait.
  if (!node || verdicts.get(node.name)?.isUnresolvable) return undefined
  const isAwaited = (other: PodInfo): boolean =>
    other.priority < pod.priority &&
    (view.nominations.isLeaving(other) || (other.isTerminating && wasPreempted(other)))
  const waits = [...node.pods.values()].some(isAwaited)
  return waits ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

function wasPreempted({ pod }: PodInfo): boolean {
  const target = findCondition(pod.status.conditions, 'DisruptionTarget')
  return target?.status === 'True' && target.reason === PREEMPTED
}

function rescued(attempt: FailedAttempt, args: DefaultPreemptionArgs): RescueResult {
  const { nodes, verdicts, random } = attempt
  const hopeful = nodes.filter(({ name }) => verdicts.get(name)?.isUnresolvable === false)
  const failures = new Map<string, Refusal>()
  const found: Candidate[] = []
  let harmless = 0
  const wanted = triesFor(hopeful.length, args)
  const start = hopeful.length > 0 ? random.below(hopeful.length) : 0
  for (let tried = 0; tried < hopeful.length; tried++) {
    // As upstream: enough choice, and one among it that breaks no budget.
    if (harmless > 0 && found.length >= wanted) break
    const node = hopeful[(start + tried) % hopeful.length]!
    const result = candidateOn(attempt, node)
    if ('victims' in result) {
      found.push(result)
      if (result.violations === 0) harmless++
    } else failures.set(node.name, result)
  }
  const best = leastHarm(found)
  if (best) {
    return { type: 'found', rescue: { nodeName: best.node.name, victims: best.victims } }
  }
  return { type: 'none', message: PREFIX + hopeless(nodes, failures), keeps: false }
}

function triesFor(nodes: number, args: DefaultPreemptionArgs): number {
  const share = Math.floor((nodes * args.minCandidateNodesPercentage) / 100)
  return Math.min(nodes, Math.max(share, args.minCandidateNodesAbsolute))
}

function hopeless(nodes: readonly NodeInfo[], failures: ReadonlyMap<string, Refusal>): string {
  const all = new Map(nodes.map(({ name }) => [name, failures.get(name) ?? notHelpful]))
  return failureMessage(nodes.length, all)
}
