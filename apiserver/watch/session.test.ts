/** What a change is to somebody who sees only a part of the objects. */
import { expect, test } from 'vitest'
import type { Change, Entry } from '../store/store.ts'
import { eventOf } from './session.ts'

const entry = (shown: string): Entry => ({
  key: '/registry/core/pods/a/b',
  value: Buffer.from('{}'),
  labels: { shown },
  fields: {},
  revision: 1,
  createRevision: 1,
  expiresAt: 0,
})
const [visible, hidden] = [entry('yes'), entry('no')]
const select = ({ labels }: Entry): boolean => labels.shown === 'yes'

function change(previous: Entry | undefined, now: Entry | undefined): Change {
  const type = !previous ? 'created' : now ? 'updated' : 'deleted'
  return { type, key: visible.key, revision: 2, entry: now, previous }
}

test.for([
  ['created inside', undefined, visible, 'ADDED', visible],
  ['created outside', undefined, hidden, undefined, undefined],
  ['changed inside', visible, visible, 'MODIFIED', visible],
  ['enters', hidden, visible, 'ADDED', visible],
  ['leaves, shown as it last was inside', visible, hidden, 'DELETED', visible],
  ['changed outside', hidden, hidden, undefined, undefined],
  ['deleted inside', visible, undefined, 'DELETED', visible],
  ['deleted outside', hidden, undefined, undefined, undefined],
] as const)('%s', ([_, previous, now, type, shown]) => {
  expect(eventOf(change(previous, now), select)).toEqual(type && { type, entry: shown })
})

test.for([
  ['created', undefined, hidden, 'ADDED'],
  ['updated', visible, hidden, 'MODIFIED'],
  ['deleted', hidden, undefined, 'DELETED'],
] as const)('without a selection everything is told: %s', ([_, previous, now, type]) => {
  expect(eventOf(change(previous, now), undefined)?.type).toBe(type)
})
