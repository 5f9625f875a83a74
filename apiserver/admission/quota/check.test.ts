/** What requests take of which quota, and when there is no room. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { textsOf } from '#api/rules/quota/amounts.ts'
import { evaluatorOf } from '#api/rules/quota/evaluators.ts'
import { isReason } from '#api/status.ts'
import { fuzz } from '#test/fuzz.ts'
import type { Attributes } from '../admission.ts'
import { accountOf, entriesFor, type QuotaRequest } from './check.ts'

const quota = (hard: object, used: object, spec: object = {}): ResourceQuota =>
  ({
    metadata: { name: 'q', uid: 'u' },
    spec: { hard, ...spec },
    status: { hard, used },
  }) as unknown as ResourceQuota

const claim = (storage: string, volumeAttributesClassName?: string) => ({
  metadata: { name: 'c' },
  spec: { resources: { requests: { storage } }, volumeAttributesClassName },
  status: {},
})

function request(plural: string, object: object, more: Partial<Attributes> = {}): QuotaRequest {
  const attributes = {
    operation: more.old ? 'UPDATE' : 'CREATE',
    resource: { group: '', plural },
    subresource: '',
    namespace: 'n',
    name: 'c',
    object,
    ...more,
  } as unknown as Attributes
  return { attributes, evaluator: evaluatorOf(plural), nowMs: 0 }
}

const taken = (asked: QuotaRequest, ...quotas: ResourceQuota[]) =>
  entriesFor(asked, quotas.map(accountOf)).map(({ amounts }) => textsOf(amounts))

const storage = (hard: string, used: string, spec?: object) =>
  quota({ 'requests.storage': hard }, { 'requests.storage': used }, spec)
const old = (object: object): Partial<Attributes> => ({ old: object as never })

test('an object is charged for what it grows by', () => {
  const asked = request('persistentvolumeclaims', claim('3Gi'), old(claim('1Gi')))
  expect(taken(asked, storage('4Gi', '2Gi'))).toEqual([{ 'requests.storage': '2Gi' }])
})

test('one that shrinks, or stays as it is, costs nothing', () => {
  const asked = request('persistentvolumeclaims', claim('1Gi'), old(claim('3Gi')))
  expect(taken(asked, storage('1Gi', '9Gi'))).toEqual([])
})

test('one that comes into a scope is charged in full there, and for its growth elsewhere', () => {
  const asked = request('persistentvolumeclaims', claim('2Gi', 'gold'), old(claim('1Gi')))
  const scoped = { scopes: ['VolumeAttributesClass'] }
  expect(taken(asked, storage('9Gi', '0'), storage('9Gi', '0', scoped))).toEqual([
    { 'requests.storage': '1Gi' },
    { 'requests.storage': '2Gi' },
  ])
})

test('what has happened already is charged without being asked', () => {
  const asked = request('persistentvolumeclaims', claim('3Gi'), {
    ...old(claim('1Gi')),
    subresource: 'status',
  })
  expect(taken(asked, storage('1Gi', '1Gi'))).toEqual([{ 'requests.storage': '2Gi' }])
})

test('quotas of other things are not concerned', () => {
  const asked = request('configmaps', { metadata: { name: 'c' } })
  expect(taken(asked, quota({ pods: '0' }, {}), quota({ secrets: '0' }, {}))).toEqual([])
})

test('a request is granted exactly when the sum stays within the bound', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 50 }), (hard, used, size) => {
      const asked = request('persistentvolumeclaims', claim(String(size)))
      const fits = used + size <= hard
      try {
        taken(asked, storage(String(hard), String(used)))
        expect(fits).toBe(true)
      } catch (error) {
        if (!isReason(error, 'Forbidden')) throw error
        expect(fits).toBe(false)
      }
    }),
    fuzz(300),
  )
})
