/** Every rule of the style test, and how its exceptions are taken into account. */
import { codeRules } from './code.ts'
import { importRules } from './imports.ts'
import type { Problem, Repository, Rule } from './repository.ts'
import { textRules } from './texts.ts'

export const rules: readonly Rule[] = [...importRules, ...codeRules, ...textRules]

/** A file that may break a rule, and why. */
export interface Exception {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

/** The problems of one rule as lines to read, without what is excused. */
export function findings(
  rule: Rule,
  repository: Repository,
  exceptions: readonly Exception[],
): string[] {
  return rule
    .check(repository)
    .filter(({ path }) => !exceptions.some((each) => each.rule === rule.name && each.path === path))
    .map(problemLine)
}

/** Exceptions that excuse nothing any more. */
export function idleExceptions(
  repository: Repository,
  exceptions: readonly Exception[],
): readonly Exception[] {
  return exceptions.filter(({ rule: name, path }) => {
    const rule = rules.find((each) => each.name === name)
    return !rule?.check(repository).some((problem) => problem.path === path)
  })
}

function problemLine({ path, line, message }: Problem): string {
  return `${line === undefined ? path : `${path}:${line}`}: ${message}`
}
