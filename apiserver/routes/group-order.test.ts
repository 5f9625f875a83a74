/** Groups and versions come in upstream's order. */
import { expect, test } from 'vitest'
import { compareGroups, compareVersionNames, compareVersions } from './group-order.ts'

test('groups come by importance, those of custom resources last and by name', () => {
  const groups = ['zoo.example.com', 'batch', 'apps', 'ant.example.com', 'apiregistration.k8s.io']
  expect(groups.sort(compareGroups)).toEqual([
    'apiregistration.k8s.io',
    'apps',
    'batch',
    'ant.example.com',
    'zoo.example.com',
  ])
})

test.for([
  { group: 'autoscaling', versions: ['v1', 'v2'], sorted: ['v2', 'v1'] },
  { group: 'a.example.com', versions: ['v1beta1', 'v1', 'v2'], sorted: ['v2', 'v1', 'v1beta1'] },
])('the preferred version of $group comes first', ({ group, versions, sorted }) => {
  expect(versions.toSorted((one, other) => compareVersions(group, one, other))).toEqual(sorted)
})

test('names of versions sort as upstream sorts them', () => {
  const sorted = [
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'foo1',
    'foo10',
  ]
  expect(sorted.toReversed().sort(compareVersionNames)).toEqual(sorted)
})
