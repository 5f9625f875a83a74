/** Judges pods by a standard: which checks belong to it is worked out once. */
import { baselineChecks } from './baseline-checks.ts'
import type { Check, Finding, Judge, Subject } from './check.ts'
import { LATEST, type Standard, standardName } from './level.ts'
import { restrictedChecks } from './restricted-checks.ts'

/** Standards are few, but labels may name any number. */
const KEPT_MAX = 256
const known = new Map<string, readonly Judge[]>()

export function evaluate(standard: Standard, subject: Subject): Finding[] {
  return judgesOf(standard).flatMap((judge) => judge(subject) ?? [])
}

function judgesOf(standard: Standard): readonly Judge[] {
  const name = standardName(standard)
  let judges = known.get(name)
  if (!judges) {
    judges = chosen(standard)
    if (known.size >= KEPT_MAX) known.clear()
    known.set(name, judges)
  }
  return judges
}

function chosen({ level, minor }: Standard): Judge[] {
  if (level === 'privileged') return []
  const restricted = level === 'restricted' ? inForce(restrictedChecks, minor) : []
  const covered = new Set(restricted.flatMap(({ check }) => check.overrides ?? []))
  const baseline = inForce(baselineChecks, minor).filter(({ check }) => !covered.has(check.id))
  return [...baseline, ...restricted].map(({ judge }) => judge)
}

function inForce(checks: readonly Check[], minor: number): { check: Check; judge: Judge }[] {
  return checks
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((check) => {
      const version = check.versions.findLast(([since]) => since <= minor || minor === LATEST)
      return version ? { check, judge: version[1] } : []
    })
}

/** Everything that was found, as one text. */
export const detailOf = (findings: readonly Finding[]): string =>
  findings.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ')

export const reasonsOf = (findings: readonly Finding[]): string =>
  findings.map(({ reason }) => reason).join(', ')
