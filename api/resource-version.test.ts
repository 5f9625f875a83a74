/** Resource versions: order, parsing, and upstream's table of parameter combinations. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { Problems } from './problems.ts'
import {
  compareResourceVersions,
  continueProblem,
  type ListParameters,
  parseResourceVersion,
  ResourceVersionError,
  validateListParameters,
  withWatchDefaults,
} from './resource-version.ts'

test.for<[text: string, revision: bigint]>([
  ['', 0n],
  ['0', 0n],
  ['007', 7n],
  ['18446744073709551615', 2n ** 64n - 1n],
])('%j is revision %s', ([text, revision]) => {
  expect(parseResourceVersion(text)).toBe(revision)
})

test.for([
  ['abc', 'strconv.ParseUint: parsing "abc": invalid syntax'],
  ['-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['+1', 'strconv.ParseUint: parsing "+1": invalid syntax'],
  ['18446744073709551616', 'strconv.ParseUint: parsing "18446744073709551616": value out of range'],
])('%j: %s', ([text, message]) => {
  expect(() => parseResourceVersion(text as string)).toThrow(
    new ResourceVersionError(message as string),
  )
})

describe('comparing', () => {
  test('agrees with numbers of any size', () => {
    const versions = fc.bigInt({ min: 1n, max: 2n ** 100n })
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        expect(compareResourceVersions(`${a}`, `${b}`)).toBe(a === b ? 0 : a < b ? -1 : 1)
      }),
      fuzz(500),
    )
  })

  test.for(['', '0', '01', '-1', '1a', '1.0'])('refuses %j on either side', (version) => {
    const error = new ResourceVersionError(`resource version is not well formed: ${version}`)
    expect(() => compareResourceVersions(version, '1')).toThrow(error)
    expect(() => compareResourceVersions('1', version)).toThrow(error)
  })
})

const needsVersion =
  'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'
const notWithContinue =
  'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided'
const needsNotOlder =
  'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
const needsEvents =
  'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'

test.for<[parameters: ListParameters, wanted: string[]]>([
  [{}, []],
  [{ resourceVersion: '1', resourceVersionMatch: 'Exact' }, []],
  [{ resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' }, []],
  [{ resourceVersionMatch: 'Exact' }, [needsVersion]],
  [{ resourceVersion: '1', resourceVersionMatch: 'Exact', continueToken: 'c' }, [notWithContinue]],
  [
    { resourceVersion: '0', resourceVersionMatch: 'Exact' },
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
  ],
  [
    { resourceVersion: '1', resourceVersionMatch: 'Foo' },
    [
      'resourceVersionMatch: Unsupported value: "Foo": supported values: "", "Exact", "NotOlderThan"',
    ],
  ],
  [
    { sendInitialEvents: false },
    ['sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
  ],
  [{ watch: true }, []],
  [{ watch: true, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }, []],
  [{ watch: true, sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' }, []],
  [{ watch: true, resourceVersionMatch: 'NotOlderThan' }, [needsEvents]],
  [{ watch: true, sendInitialEvents: true }, [needsNotOlder]],
  [
    { watch: true, sendInitialEvents: true, resourceVersionMatch: 'Exact' },
    [
      needsNotOlder,
      'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
    ],
  ],
  [
    {
      watch: true,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      continueToken: 'c',
    },
    [notWithContinue],
  ],
])('%j', ([parameters, wanted]) => {
  const problems = new Problems()
  validateListParameters(parameters, problems)
  expect(problems.list.map(({ field, message }) => `${field}: ${message}`)).toEqual(wanted)
})

test('a watch from anywhere starts with the present state', () => {
  const told = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
  for (const resourceVersion of ['', '0']) {
    const parameters = { watch: true, resourceVersion }
    expect(withWatchDefaults(parameters)).toEqual({ ...parameters, ...told })
  }
  for (const explicit of [
    {},
    { watch: true, resourceVersion: '5' },
    { watch: true, sendInitialEvents: false },
    { watch: true, resourceVersionMatch: 'NotOlderThan' },
  ]) {
    expect(withWatchDefaults(explicit)).toBe(explicit)
  }
})

test('a continue token has a version of its own', () => {
  const refused = 'specifying resource version is not allowed when using continue'
  expect(continueProblem({ continueToken: 'c', resourceVersion: '1' })).toBe(refused)
  expect(continueProblem({ continueToken: 'c', resourceVersion: '0' })).toBe('')
  expect(continueProblem({ continueToken: 'c' })).toBe('')
  expect(continueProblem({ resourceVersion: '1' })).toBe('')
})
