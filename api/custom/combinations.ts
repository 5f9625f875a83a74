/** Choices between schemas: anyOf, oneOf, allOf and not. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Findings, Place } from './findings.ts'
import { type Part, type Rule, ruleOf } from './rules.ts'

export function combinationPart({
  anyOf = [],
  oneOf = [],
  allOf = [],
  not,
}: JSONSchemaProps): Part | undefined {
  if (!anyOf.length && !oneOf.length && !allOf.length && !not) return undefined
  const [any, one, all] = [anyOf.map(ruleOf), oneOf.map(ruleOf), allOf.map(ruleOf)]
  const none = not && ruleOf(not)
  const check: Rule = (value, at, findings) => {
    if (any.length) checkAny(any, value, at, findings)
    if (one.length) checkOne(one, value, at, findings)
    if (all.length) checkAll(all, value, at, findings)
    if (none && tried(none, value, at, findings).isEmpty)
      composite(at, 'must not validate the schema (not)', findings)
    findings.checks++
  }
  return { applies: () => true, check }
}

function tried(rule: Rule, value: unknown, at: Place, whole: Findings): Findings {
  const findings = whole.attempt()
  rule(value, at, findings)
  return findings
}

function composite(at: Place, what: string, findings: Findings): void {
  const detail = `${JSON.stringify(`${at}`)} ${what}`
  findings.add({ name: `${at}`, type: 'composite', detail })
}

/** Findings of the alternative that came closest are added to say what it wanted. */
function checkAny(
  alternatives: readonly Rule[],
  value: unknown,
  at: Place,
  findings: Findings,
): void {
  let closest: Findings | undefined
  for (const rule of alternatives) {
    const result = tried(rule, value, at, findings)
    if (result.isEmpty) {
      findings.merge(result)
      return
    }
    if (!closest || result.checks > closest.checks) closest = result
  }
  composite(at, 'must validate at least one schema (anyOf)', findings)
  if (closest) findings.merge(closest)
}

function checkOne(
  alternatives: readonly Rule[],
  value: unknown,
  at: Place,
  findings: Findings,
): void {
  let closest: Findings | undefined
  let valid: Findings | undefined
  let count = 0
  for (const rule of alternatives) {
    const result = tried(rule, value, at, findings)
    if (result.isEmpty) {
      count++
      valid ??= result
      closest = undefined
    } else if (count === 0 && (!closest || result.checks > closest.checks)) closest = result
  }
  if (count === 1 && valid) {
    findings.merge(valid)
    return
  }
  const how = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`
  composite(at, `must validate one and only one schema (oneOf). ${how}`, findings)
  if (closest) findings.merge(closest)
}

function checkAll(
  alternatives: readonly Rule[],
  value: unknown,
  at: Place,
  findings: Findings,
): void {
  let count = 0
  for (const rule of alternatives) {
    const result = tried(rule, value, at, findings)
    if (result.isEmpty) count++
    findings.merge(result)
  }
  if (count === alternatives.length) return
  composite(at, `must validate all the schemas (allOf)${count ? '' : '. None validated'}`, findings)
}
