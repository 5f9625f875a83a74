/** Numbers that may be percentages: what strategies and disruption budgets take. */
import type { Path, Problems } from '../problems.ts'

type IntOrString = number | string

const percent = /^[0-9]+%$/
const notPercent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

/** A number from zero on, or a percentage. */
export function validateIntOrPercent(value: IntOrString, at: Path, problems: Problems): void {
  if (typeof value === 'number') validateNonNegative(value, at, problems)
  else if (!percent.test(value)) problems.invalid(at, value, notPercent)
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

function percentOf(value: IntOrString): number | undefined {
  return typeof value === 'string' && percent.test(value) ? Number(value.slice(0, -1)) : undefined
}

export function validateNonNegative(value: number | undefined, at: Path, problems: Problems): void {
  if (value !== undefined && value < 0) {
    problems.invalid(at, value, 'must be greater than or equal to 0')
  }
}
