/** Who gets which names, and what the conditions say about it. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { CustomResourceDefinition } from '../kinds/apiextensions/custom-resource-definition.ts'
import { beginDeletion, negotiatedStatus, setTerminating } from './definition-status.ts'

const NOW = '2030-01-01T00:00:00Z'
const LATER = '2030-01-02T00:00:00Z'

function definition(names: object = {}, fields: object = {}): CustomResourceDefinition {
  const group = 'example.com'
  const own = { plural: 'things', kind: 'Thing', ...names }
  const given = { metadata: { name: 'things.example.com' }, spec: { group, names: own }, ...fields }
  const decoded = decode(CustomResourceDefinition.schema, given)
  applyDefaults(CustomResourceDefinition.schema, decoded)
  return decoded as CustomResourceDefinition
}

const taken = (resources: readonly string[] = [], kinds: readonly string[] = []) => ({
  resources: new Set(resources),
  kinds: new Set(kinds),
})
const told = ({ conditions }: CustomResourceDefinition['status']): string[] =>
  (conditions ?? []).map(({ type, status, reason, message }) =>
    [type, status, reason, message].join(' '),
  )

describe('names', () => {
  const established = 'Established True InitialNamesAccepted the initial names have been accepted'
  const waiting = 'Established False NotAccepted not all names are accepted'

  test.for<[name: string, names: object, resources: string[], kinds: string[], accepted: string]>([
    ['free ones', {}, ['others'], ['Other'], 'True NoConflicts no conflicts found'],
    ['plural', {}, ['things'], [], 'False PluralConflict "things" is already in use'],
    ['singular', {}, ['thing'], [], 'False SingularConflict "thing" is already in use'],
    [
      'short ones',
      { shortNames: ['a', 'b', 'c'] },
      ['a', 'c'],
      [],
      'False ShortNamesConflict ["a" is already in use, "c" is already in use]',
    ],
    ['kind', {}, [], ['Thing'], 'False KindConflict "Thing" is already in use'],
    [
      'kind of lists',
      {},
      [],
      ['ThingList'],
      'False ListKindConflict "ThingList" is already in use',
    ],
    ['the last problem', {}, ['things'], ['Thing'], 'False KindConflict "Thing" is already in use'],
  ])('%s', ([, names, resources, kinds, accepted]) => {
    const status = negotiatedStatus(definition(names), taken(resources, kinds), NOW)
    const next = accepted.startsWith('True') ? established : waiting
    expect(told(status)).toEqual([`NamesAccepted ${accepted}`, next])
  })

  test('what was accepted stays when a later wish is in vain', () => {
    const first = definition({ shortNames: ['th'], categories: ['all'] })
    first.status = negotiatedStatus(first, taken(), NOW)
    const next = definition({ shortNames: ['ot'] }, { status: first.status })
    const status = negotiatedStatus(next, taken(['ot']), LATER)
    expect(status.acceptedNames).toEqual({
      plural: 'things',
      singular: 'thing',
      shortNames: ['th'],
      kind: 'Thing',
      listKind: 'ThingList',
    })
    expect(told(status)).toEqual([
      'NamesAccepted False ShortNamesConflict "ot" is already in use',
      established,
    ])
    expect(status.conditions?.map((each) => each.lastTransitionTime)).toEqual([LATER, NOW])
  })

  test('a settled definition does not change', () => {
    const settled = definition()
    settled.status = negotiatedStatus(settled, taken(), NOW)
    expect(negotiatedStatus(settled, taken(), LATER)).toEqual(settled.status)
  })
})

test.for<[annotation: string | undefined, condition: string]>([
  ['https://example.com/pull/1', 'True ApprovedAnnotation approved in https://example.com/pull/1'],
  ['unapproved, a test', 'False UnapprovedAnnotation not approved: "unapproved, a test"'],
  [
    'yes',
    'False InvalidAnnotation protected groups must have approval annotation ' +
      '"api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", ' +
      'see https://github.com/kubernetes/enhancements/pull/1111',
  ],
  [
    undefined,
    'False MissingAnnotation protected groups must have approval annotation ' +
      '"api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
  ],
])('a group of the community with approval %j', ([annotation, condition]) => {
  const names = { plural: 'things', kind: 'Thing' }
  const annotations = annotation === undefined ? {} : { 'api-approved.kubernetes.io': annotation }
  const own = definition(
    {},
    { metadata: { name: 't', annotations }, spec: { group: 'x.k8s.io', names } },
  )
  const { conditions } = negotiatedStatus(own, taken(), NOW)
  const found = conditions?.find(({ type }) => type === 'KubernetesAPIApprovalPolicyConformant')
  expect(`${found?.status} ${found?.reason} ${found?.message}`).toBe(condition)
})

test('the end begins with a finalizer, and its time stays while it goes on', () => {
  const going = definition({}, { metadata: { name: 't', finalizers: ['example.com/own'] } })
  beginDeletion(going, NOW)
  expect(going.metadata).toMatchObject({
    deletionTimestamp: NOW,
    finalizers: ['example.com/own', 'customresourcecleanup.apiextensions.k8s.io'],
  })
  setTerminating(going, 'True', 'InstanceDeletionInProgress', 'soon', LATER)
  expect(going.status.conditions).toMatchObject([
    { type: 'Terminating', reason: 'InstanceDeletionInProgress', lastTransitionTime: NOW },
  ])
})
