/** Names in a domain: what passes, and what is said of the rest. */
import { expect, test } from 'vitest'
import { Path, Problems } from '../problems.ts'
import {
  validateDomainPrefixedKey,
  validateDomainPrefixedPath,
  validateFullyQualifiedDomainName,
  validateFullyQualifiedName,
} from './domain-names.ts'

type Rule = (name: string, at: Path, problems: Problems) => void

const label63 = 'a'.repeat(63)

test.for<[rule: Rule, name: string, problem: string]>([
  [validateFullyQualifiedName, 'dev.k8s.io', ''],
  [validateFullyQualifiedName, `${'a'.repeat(246)}.k8s.io`, ''],
  [validateFullyQualifiedName, '', 'Required value'],
  [validateFullyQualifiedName, 'k8s.io', 'should be a domain with at least three segments'],
  [validateFullyQualifiedName, 'dev.k8s.io.', 'a lowercase RFC 1123 subdomain'],
  [validateFullyQualifiedDomainName, 'k8s.io', ''],
  [validateFullyQualifiedDomainName, 'dev.k8s.io.', ''],
  [validateFullyQualifiedDomainName, `${label63}.k8s.io`, ''],
  [validateFullyQualifiedDomainName, '', 'Required value'],
  [validateFullyQualifiedDomainName, '.', 'a lowercase RFC 1123 subdomain'],
  [validateFullyQualifiedDomainName, 'com', 'should be a domain with at least two segments'],
  [validateFullyQualifiedDomainName, `${label63}a.k8s.io`, 'must be no more than 63 bytes'],
  [validateDomainPrefixedPath, 'k8s.io/FOO/bar', ''],
  [validateDomainPrefixedPath, 'a/b', ''],
  [validateDomainPrefixedPath, '', 'Required value'],
  [validateDomainPrefixedPath, '/b', 'must be a domain-prefixed path (such as "acme.io/foo")'],
  [validateDomainPrefixedPath, 'com/', 'must be a domain-prefixed path (such as "acme.io/foo")'],
  [
    validateDomainPrefixedPath,
    'a.b/foo?a',
    `"foo?a": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
  ],
  [validateDomainPrefixedPath, 'A.b/c', '"A.b": a lowercase RFC 1123 subdomain'],
  [validateDomainPrefixedKey, 'acme.io/foo', ''],
  [validateDomainPrefixedKey, '', 'Required value'],
  [validateDomainPrefixedKey, 'foo', 'must be a domain-prefixed key (such as "acme.io/foo")'],
  [validateDomainPrefixedKey, 'acme.io/', 'name part must be non-empty'],
])('%o: %s', ([rule, name, problem]) => {
  const problems = new Problems()
  rule(name, Path.root.child('spec'), problems)
  if (problem === '') expect(problems.list).toEqual([])
  else expect(problems.list[0]).toMatchObject({ field: 'spec' })
  expect(problems.list[0]?.message ?? '').toContain(problem)
})
