/** Resource lists are kept to a thousandth. */
import { expect, test } from 'vitest'
import { roundResources } from './resource-list.ts'

test('amounts are kept to a thousandth, rounded up', () => {
  const list = { a: '1n', b: '1500u', c: '100m', d: '1Gi', e: '1e-4', f: '3' }
  roundResources(list)
  expect(list).toEqual({ a: '1m', b: '2m', c: '100m', d: '1Gi', e: '1e-3', f: '3' })
  roundResources(undefined)
})
