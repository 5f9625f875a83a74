/** Labels of namespaces and the policies they stand for. */
import { expect, test } from 'vitest'
import { isOpen, isStricter, LATEST, policyOf, standardName } from './level.ts'

const shown = (labels: Record<string, string> | undefined) => {
  const { enforce, audit, warn, problems } = policyOf(labels)
  return [
    [enforce, audit, warn].map(standardName).join(' '),
    problems.map(({ field, message }) => `${field}: ${message}`),
  ]
}

const open = 'privileged:latest'
const level = (mode: string): string => `pod-security.kubernetes.io/${mode}`

test.for<[Record<string, string> | undefined, string, string[]]>([
  [undefined, `${open} ${open} ${open}`, []],
  [{ other: 'x' }, `${open} ${open} ${open}`, []],
  [{ [level('enforce')]: 'baseline' }, `baseline:latest ${open} ${open}`, []],
  [
    { [level('warn')]: 'restricted', [level('warn-version')]: 'v1.24' },
    `${open} ${open} restricted:v1.24`,
    [],
  ],
  [
    { [level('enforce')]: 'strict' },
    `restricted:latest ${open} ${open}`,
    [
      'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": ' +
        'must be one of privileged, baseline, restricted',
    ],
  ],
  [
    { [level('audit')]: '', [level('audit-version')]: 'v2.0' },
    `${open} ${open} ${open}`,
    [
      'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "": ' +
        'must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "v2.0": ' +
        'must be "latest" or "v1.x"',
    ],
  ],
  [
    { [level('enforce')]: 'baseline', [level('enforce-version')]: 'v1.012' },
    `baseline:latest ${open} ${open}`,
    [
      'metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "v1.012": ' +
        'must be "latest" or "v1.x"',
    ],
  ],
])('%j is %s', ([labels, policy, problems]) => {
  expect(shown(labels)).toEqual([policy, problems])
})

test('levels are in order, and only three privileged ones are open', () => {
  expect(isStricter('restricted', 'baseline')).toBe(true)
  expect(isStricter('baseline', 'baseline')).toBe(false)
  expect(isOpen(policyOf(undefined))).toBe(true)
  expect(isOpen(policyOf({ [level('audit')]: 'baseline' }))).toBe(false)
  expect(policyOf(undefined).enforce.minor).toBe(LATEST)
})
