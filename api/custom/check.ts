/** Everything that a definition says about its objects, in upstream's order. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { CustomCheck } from './descent.ts'
import { embeddedCheckOf } from './embedded-resource.ts'
import { Findings, Place, report } from './findings.ts'
import { ruleOf } from './rules.ts'
import { uniquenessOf } from './uniqueness.ts'

export function customCheck(schema: JSONSchemaProps): CustomCheck {
  const rule = ruleOf(schema)
  const uniqueness = uniquenessOf(schema)
  const embedded = embeddedCheckOf(schema)
  return (value, at, problems) => {
    const findings = new Findings()
    rule(value, new Place(), findings)
    report(findings.list, at, problems)
    embedded?.(value, at, problems)
    uniqueness?.(value, at, problems)
  }
}
