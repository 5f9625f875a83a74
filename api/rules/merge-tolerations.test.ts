/** Which tolerations cover which, and what is left when two lists become one. */
import { expect, test } from 'vitest'
import type { Toleration } from '../parts/core/pod-scheduling.ts'
import { covers, mergeTolerations } from './merge-tolerations.ts'

const any: Toleration = { operator: 'Exists' }
const key: Toleration = { key: 'a', operator: 'Exists' }
const equal: Toleration = { key: 'a', operator: 'Equal', value: 'v', effect: 'NoSchedule' }
const brief: Toleration = {
  key: 'a',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 5,
}

test.for<[Toleration, Toleration, boolean]>([
  [any, key, true],
  [key, any, false],
  [key, equal, true],
  [key, { ...equal, key: 'b' }, false],
  [equal, { ...equal, value: 'w' }, false],
  [equal, { ...equal }, true],
  [equal, { ...equal, effect: 'NoExecute' }, false],
  [key, brief, true],
  [brief, { ...brief, tolerationSeconds: 4 }, true],
  [brief, { ...brief, tolerationSeconds: 6 }, false],
  [brief, { key: 'a', operator: 'Exists', effect: 'NoExecute' }, false],
  [{ key: 'a', value: 'v' }, { key: 'a', operator: 'Equal', value: 'v' }, true],
])('%j covers %j: %s', ([wide, narrow, expected]) => {
  expect(covers(wide, narrow)).toBe(expected)
})

test('of two lists what is covered is left out, wherever it stands', () => {
  expect(mergeTolerations([equal, brief], [key])).toEqual([key])
  expect(mergeTolerations([key], [equal, brief])).toEqual([key])
  expect(mergeTolerations([equal], [{ ...equal }, brief])).toEqual([equal, brief])
  expect(mergeTolerations([], [])).toEqual([])
})
