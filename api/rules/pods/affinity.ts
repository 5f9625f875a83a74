/** Rules about where pods run: affinity and spreading. */
import { validateLabelSelector } from '../../label-selector.ts'
import { dnsLabelName, isLabelKey } from '../../names.ts'
import type {
  Affinity,
  NodeAffinity,
  PodAffinity,
  PodAffinityTerm,
} from '../../parts/core/affinity.ts'
import type { TopologySpreadConstraint } from '../../parts/core/pod-scheduling.ts'
import type { LabelSelector } from '../../parts/meta/label-selector.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateNodeSelector, validateNodeSelectorTerm } from '../node-selector.ts'
import { report } from './checks.ts'

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(affinity: Affinity, at: Path, problems: Problems): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity) validateNodeAffinity(nodeAffinity, at.child('nodeAffinity'), problems)
  if (podAffinity) validatePodAffinity(podAffinity, at.child('podAffinity'), problems)
  if (podAntiAffinity) validatePodAffinity(podAntiAffinity, at.child('podAntiAffinity'), problems)
}

function validateNodeAffinity(affinity: NodeAffinity, at: Path, problems: Problems): void {
  const required = affinity[requiredTerms]
  if (required) validateNodeSelector(required, at.child(requiredTerms), problems)
  for (const [position, term] of (affinity[preferredTerms] ?? []).entries()) {
    const place = at.child(preferredTerms).index(position)
    checkWeight(term.weight, place, problems)
    const rules = { allowInvalidValues: true }
    validateNodeSelectorTerm(term.preference, place.child('preference'), problems, rules)
  }
}

function checkWeight(weight: number, at: Path, problems: Problems): void {
  if (weight <= 0 || weight > 100) {
    problems.invalid(at.child('weight'), weight, 'must be in the range 1-100')
  }
}

function validatePodAffinity(affinity: PodAffinity, at: Path, problems: Problems): void {
  for (const [position, term] of (affinity[requiredTerms] ?? []).entries()) {
    validatePodTerm(term, at.child(requiredTerms).index(position), problems)
  }
  for (const [position, { weight, podAffinityTerm }] of (
    affinity[preferredTerms] ?? []
  ).entries()) {
    const place = at.child(preferredTerms).index(position)
    checkWeight(weight, place, problems)
    validatePodTerm(podAffinityTerm, place.child('podAffinityTerm'), problems)
  }
}

function validatePodTerm(term: PodAffinityTerm, at: Path, problems: Problems): void {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term
  validateLabelSelector(labelSelector, at.child('labelSelector'), problems)
  validateLabelSelector(namespaceSelector, at.child('namespaceSelector'), problems)
  for (const name of namespaces ?? []) {
    report(dnsLabelName(name), name, at.child('namespace'), problems)
  }
  checkTermKeys(term, at, problems)
  const place = at.child('topologyKey')
  if (!topologyKey) problems.required(place, 'can not be empty')
  report(isLabelKey(topologyKey), topologyKey, place, problems)
}

/** Keys stand for the new pod's own values, which its selector must not ask for as well. */
function checkTermKeys(term: PodAffinityTerm, at: Path, problems: Problems): void {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term
  checkLabelKeys(matchLabelKeys, labelSelector, at.child('matchLabelKeys'), problems)
  checkLabelKeys(mismatchLabelKeys, labelSelector, at.child('mismatchLabelKeys'), problems)
  if (labelSelector) checkRepeatedKeys(matchLabelKeys, labelSelector, at, problems)
  for (const [position, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue
    const detail = 'exists in both matchLabelKeys and mismatchLabelKeys'
    problems.invalid(at.child('matchLabelKeys').index(position), key, detail)
  }
}

function checkLabelKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  at: Path,
  problems: Problems,
): void {
  if (keys.length && !selector) {
    problems.forbidden(at, 'must not be specified when labelSelector is not set')
    return
  }
  for (const [position, key] of keys.entries()) {
    report(isLabelKey(key), key, at.index(position), problems)
  }
}

/**
 * The server has added one expression for each key by now, so that only a second one is the
 * user's own.
 */
function checkRepeatedKeys(
  keys: readonly string[],
  { matchLabels, matchExpressions }: LabelSelector,
  at: Path,
  problems: Problems,
): void {
  const seen = new Set(Object.keys(matchLabels ?? {}))
  for (const { key } of matchExpressions ?? []) {
    if (keys.includes(key) && seen.has(key)) {
      const detail = 'exists in both matchLabelKeys and labelSelector'
      problems.invalid(at.index(keys.lastIndexOf(key)), key, detail)
    }
    seen.add(key)
  }
}

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const nodePolicies = ['Honor', 'Ignore']

export function validateSpreadConstraints(
  constraints: readonly TopologySpreadConstraint[],
  at: Path,
  problems: Problems,
): void {
  for (const [position, constraint] of constraints.entries()) {
    const place = at.index(position)
    const { topologyKey, whenUnsatisfiable } = constraint
    checkDomains(constraint, place, problems)
    const isRepeated = constraints
      .slice(position + 1)
      .some(
        (each) => each.topologyKey === topologyKey && each.whenUnsatisfiable === whenUnsatisfiable,
      )
    if (isRepeated) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
      problems.duplicate(place.child('{topologyKey, whenUnsatisfiable}'), pair)
    }
    checkCounting(constraint, place, problems)
  }
}

function checkDomains(constraint: TopologySpreadConstraint, at: Path, problems: Problems): void {
  const { maxSkew, topologyKey, whenUnsatisfiable } = constraint
  if (maxSkew <= 0) problems.invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero')
  if (!topologyKey) problems.required(at.child('topologyKey'), 'can not be empty')
  if (!actions.includes(whenUnsatisfiable)) {
    problems.notSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, actions)
  }
}

function checkCounting(constraint: TopologySpreadConstraint, at: Path, problems: Problems): void {
  const { minDomains, whenUnsatisfiable, labelSelector } = constraint
  if (minDomains !== undefined) {
    const place = at.child('minDomains')
    if (minDomains <= 0) problems.invalid(place, minDomains, 'must be greater than zero')
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const rule = 'can only use minDomains if whenUnsatisfiable=DoNotSchedule'
      problems.invalid(place, minDomains, `${rule}, not ${whenUnsatisfiable}`)
    }
  }
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[name]
    if (policy !== undefined && !nodePolicies.includes(policy)) {
      problems.notSupported(at.child(name), policy, nodePolicies)
    }
  }
  checkSpreadKeys(constraint, at, problems)
  validateLabelSelector(labelSelector, at.child('labelSelector'), problems)
}

function checkSpreadKeys(constraint: TopologySpreadConstraint, at: Path, problems: Problems): void {
  const { matchLabelKeys = [], labelSelector } = constraint
  if (!matchLabelKeys.length) return
  const place = at.child('matchLabelKeys')
  if (!labelSelector) {
    problems.forbidden(place, 'must not be specified when labelSelector is not set')
  }
  for (const [position, key] of matchLabelKeys.entries()) {
    report(isLabelKey(key), key, place.index(position), problems)
  }
  if (labelSelector) checkRepeatedKeys(matchLabelKeys, labelSelector, place, problems)
}
