/** Names of resources: where each may be asked for or bounded. */
import { expect, test } from 'vitest'
import { Path, Problems } from '../problems.ts'
import {
  checkContainerResourceName,
  checkQuotaResourceName,
  checkResourceQuantity,
  isExtendedResource,
  isIntegerResource,
  isOvercommitAllowed,
} from './resource-names.ts'

const at = Path.root.child('hard').key('x')
const said = (check: (problems: Problems) => void): string[] => {
  const problems = new Problems()
  check(problems)
  return problems.list.map(({ message }) => message)
}
const notStandard = 'must be a standard resource type or fully qualified'
const nameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

test.for([
  ['cpu', []],
  ['hugepages-2Mi', []],
  ['example.com/gpu', []],
  ['kubernetes.io/whatever', []],
  ['storage', ['Invalid value: "storage": must be a standard resource for containers']],
  [
    'gpu',
    [
      `Invalid value: "gpu": ${notStandard}`,
      'Invalid value: "gpu": must be a standard resource for containers',
    ],
  ],
  [
    'requests.example.com/gpu',
    ['Invalid value: "requests.example.com/gpu": doesn\'t follow extended resource name standard'],
  ],
] as const)('a container asks for %s', ([name, messages]) => {
  expect(said((problems) => checkContainerResourceName(name, at, problems))).toEqual(messages)
})

test.for([
  ['pods', []],
  ['requests.cpu', []],
  ['requests.hugepages-2Mi', []],
  ['count/deployments.apps', []],
  ['requests.example.com/gpu', []],
  ['storage', ['Invalid value: "storage": must be a standard resource for quota']],
  [
    'a b',
    [
      `Invalid value: "a b": ${nameRule}`,
      'Invalid value: "a b": must be a standard resource for quota',
    ],
  ],
] as const)('a quota bounds %s', ([name, messages]) => {
  expect(said((problems) => checkQuotaResourceName(name, at, problems))).toEqual(messages)
})

test.for([
  ['pods', '3', []],
  ['pods', '-1', ['Invalid value: "-1": must be greater than or equal to 0']],
  ['pods', '1500m', ['Invalid value: "1500m": must be an integer']],
  ['example.com/gpu', '500m', ['Invalid value: "500m": must be an integer']],
  ['cpu', '500m', []],
] as const)('%s may be %s', ([name, quantity, messages]) => {
  expect(said((problems) => checkResourceQuantity(name, quantity, at, problems))).toEqual(messages)
})

test.for([
  ['cpu', false, false, true],
  ['pods', false, true, true],
  ['hugepages-1Gi', false, false, false],
  ['example.com/gpu', true, true, false],
  ['a.kubernetes.io/b', false, false, true],
] as const)('%s: extended %s, counted %s, overcommitted %s', ([name, extended, counted, over]) => {
  expect(isExtendedResource(name)).toBe(extended)
  expect(isIntegerResource(name)).toBe(counted)
  expect(isOvercommitAllowed(name)).toBe(over)
})
