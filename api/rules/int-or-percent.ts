/** Numbers that may be percentages: what strategies and disruption budgets take. */
import { type IntOrString, isPercent, percentOf } from '../int-or-string.ts'
import type { Path, Problems } from '../problems.ts'

/** A number from zero on, or a percentage. */
export function validateIntOrPercent(value: IntOrString, at: Path, problems: Problems): void {
  if (typeof value === 'number') validateNonNegative(value, at, problems)
  else for (const message of isPercent(value)) problems.invalid(at, value, message)
}

export function validateAtMost100Percent(value: IntOrString, at: Path, problems: Problems): void {
  if ((percentOf(value) ?? 0) > 100) {
    problems.invalid(at, value, 'must not be greater than 100%')
  }
}

/** The number, or the number before the percent sign; other texts count as zero. */
export function intOrPercentValue(value: IntOrString | undefined): number {
  if (typeof value === 'number') return value
  return value === undefined ? 0 : (percentOf(value) ?? 0)
}

export function validateNonNegative(value: number | undefined, at: Path, problems: Problems): void {
  if (value !== undefined && value < 0) {
    problems.invalid(at, value, 'must be greater than or equal to 0')
  }
}
