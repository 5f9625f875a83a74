/** Every way in which a toleration may or may not cover a taint. */
import { expect, test } from 'vitest'
import type { Taint } from '../kinds/core/node.ts'
import type { Toleration } from '../parts/core/pod-scheduling.ts'
import { toleratesTaint, untoleratedTaint } from './taint-toleration.ts'

const taint: Taint = { key: 'gpu', value: '5', effect: 'NoSchedule' }

test.for<[Toleration, boolean]>([
  [{ key: 'gpu', value: '5' }, true],
  [{ key: 'gpu', operator: 'Equal', value: '5', effect: 'NoSchedule' }, true],
  [{ key: 'gpu', operator: 'Equal', value: '6' }, false],
  [{ key: 'cpu', operator: 'Exists' }, false],
  [{ key: 'gpu', operator: 'Exists' }, true],
  [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
  [{ operator: 'Exists' }, true],
  [{ operator: 'Exists', effect: 'NoExecute' }, false],
  [{ key: 'gpu', operator: 'Gt', value: '4' }, true],
  [{ key: 'gpu', operator: 'Gt', value: '5' }, false],
  [{ key: 'gpu', operator: 'Lt', value: '6' }, true],
  [{ key: 'gpu', operator: 'Lt', value: 'many' }, false],
])('toleratesTaint() %o: %s', ([toleration, expected]) => {
  expect(toleratesTaint(toleration, taint)).toBe(expected)
})

test('the first taint that keeps off and is not tolerated counts', () => {
  const soft: Taint = { key: 'soft', effect: 'PreferNoSchedule' }
  const gone: Taint = { key: 'gone', effect: 'NoExecute' }
  expect(untoleratedTaint([soft, taint, gone], [{ key: 'gpu', operator: 'Exists' }])).toBe(gone)
  expect(untoleratedTaint([soft, taint], [{ key: 'gpu', operator: 'Exists' }])).toBeUndefined()
  expect(untoleratedTaint([taint], undefined)).toBe(taint)
})
