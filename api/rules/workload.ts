/** Rules that all workloads share: their selectors, their pod templates and their counters. */
import { LabelSelectorError, selectorFromObject, validateLabelSelector } from '../label-selector.ts'
import { type PodTemplateSpec, podTemplateSpec } from '../parts/core/pod-template.ts'
import type { LabelSelector } from '../parts/meta/label-selector.ts'
import type { Path, Problems } from '../problems.ts'
import { validate } from '../validate.ts'
import { validateNonNegative } from './int-or-percent.ts'

export interface Workload {
  readonly selector?: LabelSelector | null
  readonly template: PodTemplateSpec
}

interface SelectorWords {
  /** What an empty selector is invalid for. */
  readonly owner: string
  /** What upstream says about a selector that cannot be used. */
  readonly unusable: string
}

/** The selector, and whether it selects the pods that the template makes. */
export function validateSelector(
  { selector, template }: Workload,
  { owner, unusable }: SelectorWords,
  at: Path,
  problems: Problems,
): void {
  const place = at.child('selector')
  if (!selector) problems.required(place)
  else {
    validateLabelSelector(selector, place, problems)
    if (isEmptySelector(selector)) {
      problems.invalid(place, selector, `empty selector is invalid for ${owner}`)
    }
  }
  if (selector && !isUsable(selector)) problems.invalid(place, selector, unusable)
  else validateSelectorMatches({ selector: selector ?? null, template }, at, problems)
}

function isUsable(selector: LabelSelector): boolean {
  try {
    selectorFromObject(selector)
    return true
  } catch (error) {
    if (error instanceof LabelSelectorError) return false
    throw error
  }
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && !matchExpressions?.length
}

export function validateSelectorMatches(
  { selector, template }: Workload,
  at: Path,
  problems: Problems,
): void {
  if (selectorFromObject(selector).matches(template.metadata.labels)) return
  problems.invalid(
    at.child('template').child('metadata').child('labels'),
    template.metadata.labels ?? null,
    '`selector` does not match template `labels`',
  )
}

/** The template of pods that run until they are deleted. */
export function validateLastingTemplate(
  template: PodTemplateSpec,
  owner: string,
  at: Path,
  problems: Problems,
): void {
  validate(podTemplateSpec, template, problems, at)
  const spec = at.child('spec')
  const { restartPolicy, activeDeadlineSeconds } = template.spec
  if (restartPolicy !== 'Always') {
    problems.notSupported(spec.child('restartPolicy'), restartPolicy ?? '', ['Always'])
  }
  if (activeDeadlineSeconds !== undefined) {
    problems.forbidden(
      spec.child('activeDeadlineSeconds'),
      `activeDeadlineSeconds in ${owner} is not Supported`,
    )
  }
}

/** Reports each of the named counters that is below zero. */
export function validateCounters<T extends object>(
  value: T,
  names: readonly (keyof T & string)[],
  at: Path,
  problems: Problems,
): void {
  for (const name of names) {
    validateNonNegative(value[name] as number | undefined, at.child(name), problems)
  }
}

/** Reports each of the named counters that is above another one. */
export function validateNotAbove<T extends object>(
  value: T,
  names: readonly (keyof T & string)[],
  limit: { readonly value: number | undefined; readonly name: string },
  at: Path,
  problems: Problems,
): void {
  for (const name of names) {
    const count = (value[name] as number | undefined) ?? 0
    if (count > (limit.value ?? 0)) {
      problems.invalid(at.child(name), count, `cannot be greater than ${limit.name}`)
    }
  }
}

/** The counter that keeps names of revisions apart must never go back. */
export function validateCollisionCount(
  next: { readonly collisionCount?: number },
  previous: { readonly collisionCount?: number },
  at: Path,
  problems: Problems,
): void {
  const { collisionCount: before } = previous
  const after = next.collisionCount ?? 0
  if (before !== undefined && (next.collisionCount === undefined || after < before)) {
    problems.invalid(at.child('collisionCount'), after, 'cannot be decremented')
  }
}
