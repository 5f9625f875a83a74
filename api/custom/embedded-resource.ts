/** Objects inside custom resources that must be whole Kubernetes objects themselves. */
import type { Path, Problems } from '../problems.ts'
import { withDescent } from './descent.ts'
import { isObject } from './rules.ts'

export const embeddedCheckOf = withDescent((schema) => {
  if (!schema['x-kubernetes-embedded-resource']) return undefined
  return (value, at, problems) => {
    if (isObject(value)) checkIdentity(value, at, problems)
  }
})

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
