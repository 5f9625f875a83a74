/** What the walks of this folder cost when somebody means harm: time in proportion, no overflow. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { parseJson } from '../json.ts'
import { Deployment } from '../kinds/apps/deployment.ts'
import { any, listOf, mapOf, optional, string, struct } from '../schema.ts'
import { applyObject } from './apply.ts'
import { canonicalSet } from './canonical-set.ts'
import { emptyObject, type TrackedObject, trackCreate, writeManagers } from './managed-fields.ts'
import type { Tracking } from './update-managers.ts'

const ITEMS = 20_000
/** Generous to a busy machine, and far below what anything quadratic would take. */
const LIMIT_MS = 4000

const tracking: Tracking = { schema: Deployment.schema, apiVersion: 'apps/v1' }
const empty = emptyObject(Deployment as never)
const writer = (manager: string) => ({ manager, subresource: '', time: '2026-01-01T00:00:00Z' })

function withEnv(env: readonly object[]): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { template: { spec: { containers: [{ name: 'c', env }] } } },
  }
}

const environment = Array.from({ length: ITEMS }, (_, at) => ({ name: `e${at}`, value: 'x' }))

function within(limitMs: number, work: () => void): void {
  const begunAt = performance.now()
  work()
  expect(performance.now() - begunAt).toBeLessThan(limitMs)
}

describe('long lists', () => {
  test('are created, applied and dropped in time', () => {
    within(LIMIT_MS, () => {
      const live = decode(Deployment.schema, withEnv(environment)) as TrackedObject
      trackCreate(tracking, empty, live, writer('one'))
      const apply = (object: TrackedObject, config: object) => {
        const request = {
          tracking,
          live: object,
          empty,
          config,
          writer: writer('two'),
          force: true,
        }
        const { object: next, managers } = applyObject(request)
        const result = decode(Deployment.schema, next) as TrackedObject
        writeManagers(result, managers)
        return result
      }
      const reversed = apply(live, withEnv(environment.toReversed()))
      const gone = apply(reversed, withEnv([]))
      expect(gone.metadata.managedFields).toHaveLength(2)
    })
  })

  test('of fields that a client claims are read in time', () => {
    const claimed = Object.fromEntries(
      environment.map(({ name }) => [`k:{"name":"${name.padEnd(200, 'x')}"}`, {}]).toReversed(),
    )
    within(LIMIT_MS, () => {
      expect(Object.keys(canonicalSet({ 'f:a': claimed }) as object)).toEqual(['f:a'])
    })
  })
})

test('nesting as deep as JSON may be is walked', () => {
  const depth = 990
  const free = { ...any, custom: { type: 'object' } }
  const schema = struct('test.v1.Deep', '', {
    apiVersion: optional(0, string, ''),
    kind: optional(0, string, ''),
    metadata: optional(0, mapOf(any), ''),
    free: optional(0, free as typeof any, ''),
    list: optional(0, listOf(string), ''),
  })
  const value = parseJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  const live = { metadata: {} }
  const config = { free: value }
  const deep: Tracking = { schema, apiVersion: 'v1' }
  const request = { tracking: deep, live, empty: live, config, writer: writer('one'), force: false }
  const { object, managers } = applyObject(request)
  const again = { ...object, metadata: {} } as TrackedObject
  writeManagers(again, managers)
  expect(again.metadata.managedFields).toHaveLength(1)
  const changed = applyObject({ ...request, live: again, config: { free: { a: 2 } } })
  expect((changed.object as { free: object }).free).toEqual({ a: 2 })
  const sent = parseJson(`${'{"f:a":'.repeat(depth)}{}${'}'.repeat(depth)}`)
  expect(canonicalSet(sent)).not.toBe('invalid')
})
