/** Whose objects are whose. */
import { expect, test } from 'vitest'
import { selectorFromLabels } from '#api/label-selector.ts'
import type { ApiObject } from '#client/resource.ts'
import { planClaims } from './adoption.ts'

const object = (uid: string, metadata: object = {}) =>
  ({ metadata: { name: uid, uid, ...metadata } }) as unknown as ApiObject
const ownedBy = (uid: string) => ({ ownerReferences: [{ uid, controller: true }] })
const labels = { app: 'web' }
const deletionTimestamp = '2029-01-01T00:00:00Z'

test.for([
  { name: 'its own', child: { labels, ...ownedBy('me') }, verdict: 'kept' },
  { name: "somebody else's", child: { labels, ...ownedBy('you') }, verdict: undefined },
  { name: 'an orphan', child: { labels }, verdict: 'adopt' },
  {
    name: 'an orphan with an owner that does not manage it',
    child: { labels, ownerReferences: [{ uid: 'you' }] },
    verdict: 'adopt',
  },
  { name: 'an orphan that goes', child: { labels, deletionTimestamp }, verdict: undefined },
  { name: 'a strange orphan', child: {}, verdict: undefined },
  { name: 'its own that it selects no more', child: ownedBy('me'), verdict: 'release' },
  {
    name: 'for an owner that goes: its own, selected or not',
    owner: { deletionTimestamp },
    child: ownedBy('me'),
    verdict: 'kept',
  },
  {
    name: 'for an owner that goes: an orphan',
    owner: { deletionTimestamp },
    child: { labels },
    verdict: undefined,
  },
])('planClaims(): $name', ({ owner = {}, child, verdict }) => {
  const claims = planClaims(object('me', owner), selectorFromLabels(labels), [object('it', child)])
  const found = Object.entries(claims).filter(([, objects]) => objects.length > 0)
  expect(found.map(([name]) => name)).toEqual(verdict ? [verdict] : [])
})
