/** Namespaces: what the server adds to them, and their finalizers. */
import { expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../../check.ts'
import { decode } from '../../decode.ts'
import { applyDefaults } from '../../defaults.ts'
import { Namespace } from './namespace.ts'

const metadata = { name: 'n', uid: 'u', resourceVersion: '1' }
const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)

function created(posted: object): Namespace {
  const object = decode(Namespace.schema, { metadata, ...posted })
  Namespace.prepareCreate?.(object)
  return applyDefaults(Namespace.schema, object)
}

test('a new namespace is active, carries its name as a label and a finalizer', () => {
  const { spec, status, metadata: meta } = created({ spec: { finalizers: ['example.com/a'] } })
  expect(spec.finalizers).toEqual(['example.com/a', 'kubernetes'])
  expect(status).toEqual({ phase: 'Active' })
  expect(meta.labels).toEqual({ 'kubernetes.io/metadata.name': 'n' })
})

test('an update cannot touch the finalizers, nor take the label away', () => {
  const previous = created({})
  const next = decode(Namespace.schema, { metadata, spec: { finalizers: [] } })
  Namespace.prepareUpdate?.(next, previous)
  applyDefaults(Namespace.schema, next)
  expect(next.spec).toEqual({ finalizers: ['kubernetes'] })
  expect(next.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'n' })
})

test('finalizers of others need a domain', () => {
  expect(lines(problemsOfNew(Namespace, created({ spec: { finalizers: ['other'] } })))).toEqual([
    'spec.finalizers: Invalid value: "other": name is neither a standard finalizer name nor is it fully qualified',
  ])
})

test('the phase follows the deletion', () => {
  const before = created({})
  const terminating = { ...before, status: { phase: 'Terminating' as const } }
  expect(lines(problemsOfChange(Namespace, terminating, before))).toEqual([
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ])
})
