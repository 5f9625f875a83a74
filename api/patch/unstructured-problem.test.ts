/** Upstream's words for results of strategic patches that are no objects of their kind. */
import { expect, test } from 'vitest'
import { Deployment } from '../kinds/apps/deployment.ts'
import { Secret } from '../kinds/core/secret.ts'
import { unstructuredProblem } from './unstructured-problem.ts'

test.for<[object, string | undefined]>([
  [{ spec: { replicas: 1, paused: true, template: null } }, undefined],
  [{ spec: 'x' }, 'cannot restore struct from: string'],
  [{ spec: [] }, 'cannot restore struct from: slice'],
  [{ metadata: { labels: 'x' } }, 'cannot restore map from string'],
  [{ metadata: { labels: { a: 1 } } }, 'cannot convert int64 to string'],
  [{ metadata: { labels: { a: true } } }, 'unrecognized type: string'],
  [{ metadata: { finalizers: {} } }, 'cannot restore slice from map'],
  [{ spec: { replicas: 'x' } }, 'unrecognized type: int32'],
  [{ spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  [{ spec: { paused: 'x' } }, 'unrecognized type: bool'],
  [{ spec: { strategy: { rollingUpdate: { maxSurge: {} } } } }, undefined],
])('%j: %s', ([value, problem]) => {
  expect(unstructuredProblem(Deployment.schema, value)).toBe(problem)
})

test('bytes are texts', () => {
  expect(unstructuredProblem(Secret.schema, { data: { a: 'eA==' } })).toBeUndefined()
  expect(unstructuredProblem(Secret.schema, { data: { a: true } })).toBe(
    'cannot restore slice from bool',
  )
})
