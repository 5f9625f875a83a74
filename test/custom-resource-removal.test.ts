/** The end of definitions, and of servers in the middle of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import {
  conditionOf,
  define,
  definition,
  definitions,
  definitionWhen,
  storedWhen,
} from './definitions.ts'
import { httpEvents, taken, told } from './events-of.ts'
import { type Call, jsonClient } from './json-client.ts'

const group = 'example.com'
const name = `things.${group}`
const things = `/apis/${group}/v1/namespaces/default/things`
const mergePatch = 'application/merge-patch+json'
const thing = (own: string, metadata: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'Thing',
  metadata: { name: own, ...metadata },
})
const held = { finalizers: ['example.com/hold'] }
const release = (call: Call, own: string) =>
  call('PATCH', `${things}/${own}`, { metadata: { finalizers: null } }, mergePatch)
const isGone = (found: unknown): boolean => found === undefined
const reasonIs = (reason: string) => (found: unknown) =>
  conditionOf(found, 'Terminating')?.reason === reason

let server: TestServer
let call: Call

beforeAll(async () => {
  server = await startTestServer()
  call = jsonClient(server.url)
})
afterAll(async () => {
  expect(server.logged).toEqual([])
  await server[Symbol.asyncDispose]()
})

test('objects go first, then the definition, and then nobody remembers', async () => {
  await define(server, call, definition(group))
  await call('POST', things, thing('free'))
  await call('POST', things, thing('held', held))
  const events = httpEvents(`${server.url}${things}?watch=1`)
  await taken(events, 2)
  const { body } = await call('DELETE', `${definitions}/${name}`)
  expect(body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
  expect(conditionOf(body, 'Terminating').reason).toBe('InstanceDeletionPending')
  expect((await taken(events, 2)).map(told)).toEqual(
    expect.arrayContaining(['DELETED free', 'MODIFIED held']),
  )
  const { status, body: refusal } = await call('POST', things, thing('late'))
  expect([status, refusal.message]).toEqual([
    405,
    'create not allowed while custom resource definition is terminating',
  ])
  expect((await call('GET', things)).body.items).toHaveLength(1)
  await release(call, 'held')
  expect((await taken(events, 1)).map(told)).toEqual(['DELETED held'])
  expect(await events.next()).toMatchObject({ done: true })
  await definitionWhen(server, name, isGone)
  expect((await call('GET', things)).body).toBe('404 page not found\n')
  await define(server, call, definition(group))
  expect((await call('GET', things)).body.items).toEqual([])
  await call('DELETE', `${definitions}/${name}`)
  await definitionWhen(server, name, isGone)
})

test('no creation slips through behind the end', async () => {
  await define(server, call, definition(group))
  const numbers = Array.from({ length: 200 }, (_, number) => number)
  const creating = numbers.map((number) => call('POST', things, thing(`t${number}`)))
  const deleting = call('DELETE', `${definitions}/${name}`)
  const answers = await Promise.all(creating)
  expect((await deleting).status).toBe(200)
  for (const { status } of answers) expect([201, 404, 405]).toContain(status)
  await definitionWhen(server, name, isGone)
  expect(server.parts.store.count(`/registry/${group}/things/`)).toBe(0)
})

test('other finalizers of a definition are waited for too', async () => {
  const wanted = definition(group)
  await define(server, call, { ...wanted, metadata: { ...wanted.metadata, ...held } })
  await call('DELETE', `${definitions}/${name}`)
  const found = await definitionWhen(server, name, reasonIs('InstanceDeletionCompleted'))
  expect(found.metadata.finalizers).toEqual(held.finalizers)
  const patch = { metadata: { finalizers: null } }
  await call('PATCH', `${definitions}/${name}`, patch, mergePatch)
  await definitionWhen(server, name, isGone)
})

test('a definition that never got its names goes at once', async () => {
  await define(server, call, definition(group, undefined, { shortNames: ['th'] }))
  const late = { plural: 'others', kind: 'Thing' }
  await call('POST', definitions, definition(group, undefined, late))
  const other = `others.${group}`
  await definitionWhen(server, other, (found) => conditionOf(found, 'NamesAccepted'))
  await call('DELETE', `${definitions}/${other}`)
  await definitionWhen(server, other, isGone)
  await call('DELETE', `${definitions}/${name}`)
  await definitionWhen(server, name, isGone)
})

test('a restart in the middle changes nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-test-'))
  try {
    {
      await using first = await startTestServer({ directory })
      const ask = jsonClient(first.url)
      await define(first, ask, definition(group))
      await ask('POST', things, thing('held', held))
      await ask('DELETE', `${definitions}/${name}`)
      await definitionWhen(first, name, reasonIs('InstanceDeletionInProgress'))
    }
    await using second = await startTestServer({ directory })
    const ask = jsonClient(second.url)
    expect((await ask('GET', `${things}/held`)).status).toBe(200)
    expect((await ask('POST', things, thing('late'))).status).toBe(405)
    await release(ask, 'held')
    await definitionWhen(second, name, isGone)
    expect((await ask('GET', things)).status).toBe(404)
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('objects that stay for long are reported', async () => {
  const clock = new ManualClock()
  await using patient = await startTestServer({ clock })
  const ask = jsonClient(patient.url)
  await define(patient, ask, definition(group))
  await ask('POST', things, thing('held', held))
  await ask('DELETE', `${definitions}/${name}`)
  const key = `/registry/${group}/things/default/held`
  await storedWhen(patient, key, ({ metadata }) => metadata.deletionTimestamp !== undefined)
  await clock.settle()
  await clock.advance(60_000)
  const found = await definitionWhen(patient, name, reasonIs('InstanceDeletionCheck'))
  expect(conditionOf(found, 'Terminating').message).toBe(
    'could not confirm zero CustomResources remaining: timed out waiting for the condition',
  )
  await release(ask, 'held')
  await definitionWhen(patient, name, isGone)
})
