/** Who would have to leave a node for a more important pod, and which node that hurts least. */
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { type LabelSelector, selectorFromObject } from '#api/label-selector.ts'
import type { NodeInfo } from './node-info.ts'
import { type FailedAttempt, type Refusal, refusal } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

export interface Candidate {
  readonly node: NodeInfo
  /** The most important one first. */
  readonly victims: readonly PodInfo[]
  /** How many of them a disruption budget would have kept. */
  readonly violations: number
}

const NAME = 'DefaultPreemption'
const nobody = refusal(NAME, 'No preemption victims found for incoming pod', true)

/** Higher priority first; of equals the one that has run longer. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  if (a.startTime === b.startTime) return 0
  return a.startTime < b.startTime ? -1 : 1
}

/**
 * The fewest pods of lower priority without which the node would do, or why even without all of
 * them it would not. The node is as before when this returns.
 */
export function candidateOn(attempt: FailedAttempt, node: NodeInfo): Candidate | Refusal {
  const { pod, test, add, remove } = attempt
  const lower = [...node.pods.values()].filter(({ priority }) => priority < pod.priority)
  if (lower.length === 0) return nobody
  const gone = new Set<PodInfo>()
  const take = (other: PodInfo): void => {
    remove(other, node)
    gone.add(other)
  }
  const giveBack = (other: PodInfo): void => {
    add(other, node)
    gone.delete(other)
  }
  try {
    for (const other of lower) take(other)
    const verdict = test(node)
    if (verdict) return verdict
    lower.sort(byImportance)
    const violating = violatingPods(lower, attempt.view.budgets)
    const victims = new Set<PodInfo>()
    // Whoever can stay shall: those under a budget are let in first, then the most important ones.
    const others = lower.filter((other) => !violating.has(other))
    for (const other of [...violating, ...others]) {
      giveBack(other)
      if (!test(node)) continue
      take(other)
      victims.add(other)
    }
    if (victims.size === 0) return nobody
    const violations = victims.intersection(violating).size
    return { node, victims: [...victims].sort(byImportance), violations }
  } finally {
    for (const other of [...gone]) giveBack(other)
  }
}

interface Budget {
  readonly selector: LabelSelector
  readonly disrupted: Readonly<Record<string, unknown>>
  left: number
}

const selectors = new WeakMap<PodDisruptionBudget, LabelSelector>()

function selectorIn(budget: PodDisruptionBudget): LabelSelector {
  const known = selectors.get(budget)
  if (known) return known
  const selector = selectorFromObject(budget.spec.selector)
  selectors.set(budget, selector)
  return selector
}

/** In the order given, the pods for which one of their budgets has no room any more. */
function violatingPods(
  pods: readonly PodInfo[],
  budgetsIn: FailedAttempt['view']['budgets'],
): Set<PodInfo> {
  const byNamespace = new Map<string, readonly Budget[]>()
  const budgetsOf = ({ namespace, labels }: PodInfo): readonly Budget[] => {
    let all = byNamespace.get(namespace)
    if (!all) {
      all = budgetsIn(namespace).map((each) => ({
        selector: selectorIn(each),
        disrupted: each.status.disruptedPods ?? {},
        left: each.status.disruptionsAllowed,
      }))
      byNamespace.set(namespace, all)
    }
    // An empty selector and none at all mean no pod here, as upstream has it.
    return all.filter(
      ({ selector }) => selector.requirements.length > 0 && selector.matches(labels),
    )
  }
  const violating = new Set<PodInfo>()
  for (const each of pods) {
    if (Object.keys(each.labels).length === 0) continue
    for (const budget of budgetsOf(each)) {
      // Its disruption is counted already.
      if (Object.hasOwn(budget.disrupted, each.pod.metadata.name)) continue
      budget.left--
      if (budget.left < 0) violating.add(each)
    }
  }
  return violating
}

/** Added to each priority, so that more victims are worse although priorities may be negative. */
const PRIORITY_SHIFT = 2 ** 31

/** What a choice is judged by, each only where those before leave several; less is better. */
const judgements: readonly ((candidate: Candidate) => number | string)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]!.priority,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + PRIORITY_SHIFT, 0),
  ({ victims }) => victims.length,
]

/** The first of the best; of equals the one whose most important victims have run least long. */
export function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates
  for (const judge of judgements) {
    if (left.length <= 1) return left[0]
    const scored = left.map((candidate) => ({ candidate, harm: judge(candidate) }))
    const least = scored.reduce((a, b) => (b.harm < a.harm ? b : a)).harm
    left = scored.filter(({ harm }) => harm === least).map(({ candidate }) => candidate)
  }
  return left.length === 0
    ? undefined
    : left.reduce((a, b) => (startOf(b.victims) > startOf(a.victims) ? b : a))
}

/** The earliest start among those of the highest priority, which come first. */
const startOf = ([first]: readonly PodInfo[]): string => first!.startTime
