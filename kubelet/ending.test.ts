/** Whether a pod is on its way out, by tables. */
import { describe, expect, test } from 'vitest'
import {
  exited,
  memory,
  NOW_MS,
  observed,
  type PodSpecInput,
  podOf,
  seen,
} from '#test/observed-pod.ts'
import { viewsOf } from './container-view.ts'
import { endingOf, isDone } from './ending.ts'
import type { Ending } from './plan-ending.ts'
import type { ObservedPod } from './runtime.ts'

const c = (name: string, more: object = {}) => ({ name, image: 'web:1', ...more })
const sidecar = c('side', { restartPolicy: 'Always' })
const inits = { initContainers: [c('first'), c('second')] }

interface Row {
  readonly spec?: Partial<PodSpecInput>
  readonly observed?: ObservedPod
}

describe('a pod is done', () => {
  test.for<[string, Row, boolean]>([
    ['not while it runs', { observed: seen([observed('main')]) }, false],
    ['not when it begins again', { observed: seen([exited('main', 0)]) }, false],
    [
      'when nothing begins again',
      { spec: { restartPolicy: 'Never' }, observed: seen([exited('main', 1)]) },
      true,
    ],
    [
      'when its first step has failed for good',
      { spec: { ...inits, restartPolicy: 'Never' }, observed: seen([exited('first', 1)]) },
      true,
    ],
    [
      'not when its first step has succeeded',
      { spec: { ...inits, restartPolicy: 'Never' }, observed: seen([exited('first', 0)]) },
      false,
    ],
    [
      'although its sidecar goes on',
      {
        spec: { initContainers: [sidecar], restartPolicy: 'Never' },
        observed: seen([observed('side'), exited('main', 0)]),
      },
      true,
    ],
  ])('%s', ([, { spec = {}, observed: shown = seen() }, wanted]) => {
    const pod = podOf(spec)
    expect(isDone(pod, viewsOf(pod, shown, memory()))).toBe(wanted)
  })
})

describe('a pod is on its way out', () => {
  const deleted = podOf(
    {},
    {
      metadata: {
        ...{ name: 'web', namespace: 'default', uid: 'u', resourceVersion: '2' },
        deletionTimestamp: '2030-01-01T01:00:10Z',
        deletionGracePeriodSeconds: 10,
      },
    },
  )
  const input = { isGone: false, views: [], failed: undefined, previous: undefined, nowMs: NOW_MS }

  test('when it is deleted, for as long as was asked', () => {
    expect(endingOf({ ...input, pod: deleted })).toMatchObject({
      cause: 'deleted',
      deadlineMs: NOW_MS + 10_000,
    })
  })

  test('for a shorter time when asked again, counted from the first time', () => {
    const previous: Ending = {
      cause: 'deleted',
      sinceMs: NOW_MS - 5000,
      deadlineMs: NOW_MS + 25_000,
    }
    expect(endingOf({ ...input, pod: deleted, previous })?.deadlineMs).toBe(NOW_MS + 5000)
  })

  test('when it is gone, with its own grace', () => {
    const pod = podOf({ terminationGracePeriodSeconds: 7 })
    expect(endingOf({ ...input, pod, isGone: true })).toMatchObject({
      cause: 'gone',
      deadlineMs: NOW_MS + 7000,
    })
  })

  test('when its status says that it was evicted before a restart', () => {
    const pod = podOf({}, { status: { phase: 'Running', reason: 'Evicted', message: 'low' } })
    expect(endingOf({ ...input, pod })).toMatchObject({ cause: 'failed', reason: 'Evicted' })
  })
})
