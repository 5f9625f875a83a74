/** Objects inside custom resources that must be whole Kubernetes objects themselves. */
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'
import { isObject } from './rules.ts'

type Check = (value: unknown, at: Path, problems: Problems) => void

const checks = new WeakMap<JSONSchemaProps, Check | 'none'>()

/** Undefined where nothing below is embedded, so that whole subtrees are never visited. */
export function embeddedCheckOf(schema: JSONSchemaProps): Check | undefined {
  const known = checks.get(schema)
  if (known) return known === 'none' ? undefined : known
  const check = compile(schema)
  checks.set(schema, check ?? 'none')
  return check
}

function compile(schema: JSONSchemaProps): Check | undefined {
  const { items, properties = {}, additionalProperties } = schema
  const isEmbedded = schema['x-kubernetes-embedded-resource'] ?? false
  const item = items && !Array.isArray(items) ? embeddedCheckOf(items) : undefined
  const members = Object.entries(properties).flatMap(([name, each]) => {
    const check = embeddedCheckOf(each)
    return check ? [{ name, check }] : []
  })
  const other =
    typeof additionalProperties === 'object' ? embeddedCheckOf(additionalProperties) : undefined
  if (!isEmbedded && !item && !members.length && !other) return undefined
  return (value, at, problems) => {
    if (Array.isArray(value)) {
      if (!item) return
      for (const [position, each] of value.entries()) item(each, at.index(position), problems)
    } else if (isObject(value)) {
      if (isEmbedded) checkIdentity(value, at, problems)
      for (const { name, check } of members) check(value[name], at.child(name), problems)
      if (!other) return
      for (const [name, each] of Object.entries(value)) other(each, at.key(name), problems)
    }
  }
}

const groupVersion = /^(?:[^/]+\/)?[^/]+$/
const kindName = /^[A-Za-z](?:[-A-Za-z0-9]*[A-Za-z0-9])?$/

function checkIdentity(value: Record<string, unknown>, at: Path, problems: Problems): void {
  const { apiVersion, kind } = value
  if (apiVersion === undefined || apiVersion === '') {
    problems.required(at.child('apiVersion'), 'must not be empty')
  } else if (typeof apiVersion !== 'string') {
    problems.invalid(at.child('apiVersion'), apiVersion, 'must be a string')
  } else if (!groupVersion.test(apiVersion)) {
    problems.invalid(
      at.child('apiVersion'),
      apiVersion,
      `unexpected GroupVersion string: ${apiVersion}`,
    )
  }
  if (kind === undefined || kind === '') problems.required(at.child('kind'), 'must not be empty')
  else if (typeof kind !== 'string') problems.invalid(at.child('kind'), kind, 'must be a string')
  else if (kind.length > 63 || !kindName.test(kind)) {
    const what =
      "may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    problems.invalid(at.child('kind'), kind, what)
  }
}
