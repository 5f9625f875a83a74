/** Custom resources while their definitions come and change, against a real API server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'
import {
  conditionOf,
  define,
  definition,
  definitions,
  definitionWhen,
  specOf,
  version,
} from './definitions.ts'
import { httpEvents, taken, told } from './events-of.ts'
import { type Call, jsonClient } from './json-client.ts'

let server: TestServer
let call: Call
let count = 0
/** The group of the test. */
let group: string

beforeAll(async () => {
  server = await startTestServer()
  call = jsonClient(server.url)
})
afterAll(async () => {
  expect(server.logged).toEqual([])
  await server[Symbol.asyncDispose]()
})
beforeEach(() => {
  group = `g${++count}.example.com`
})

const mergePatch = 'application/merge-patch+json'
const path = (apiVersion = 'v1'): string => `/apis/${group}/${apiVersion}/namespaces/default/things`
const thing = (name: string, fields: object = {}, apiVersion = 'v1') => ({
  apiVersion: `${group}/${apiVersion}`,
  kind: 'Thing',
  metadata: { name },
  ...fields,
})
const create = (name: string, fields: object = {}, apiVersion = 'v1') =>
  call('POST', path(apiVersion), thing(name, fields, apiVersion))
const change = (patch: object) => call('PATCH', `${definitions}/things.${group}`, patch, mergePatch)
const text = { type: 'string' }

/** Changes the definition, and waits until it is served so. */
const changed = async (patch: object): Promise<void> => {
  const events = httpEvents(`${server.url}${path()}?watch=1`)
  // The watch is there before the change, which ends it when it takes effect.
  await create('probe')
  for (let seen = ''; seen !== 'ADDED probe'; ) seen = told((await taken(events, 1))[0]!)
  expect((await change(patch)).status).toBe(200)
  for await (const _ of events);
  await call('DELETE', `${path()}/probe`)
}

describe('what a definition brings', () => {
  test('paths, discovery and OpenAPI', async () => {
    const before = await call('GET', '/openapi/v3')
    const schema = specOf({ color: { ...text, description: 'Of the thing.' } })
    const names = { shortNames: ['th'], categories: ['all'], listKind: 'Heap' }
    expect((await call('GET', path())).body).toBe('404 page not found\n')
    await define(server, call, definition(group, [version('v1', schema)], names))
    const { body: resources } = await call('GET', `/apis/${group}/v1`)
    expect(resources.resources).toMatchObject([
      { name: 'things', singularName: 'thing', shortNames: ['th'], categories: ['all'] },
    ])
    const { body: index } = await call('GET', '/openapi/v3')
    expect(before.body.paths[`apis/${group}/v1`]).toBeUndefined()
    const { body: document } = await call('GET', index.paths[`apis/${group}/v1`].serverRelativeURL)
    const model = `com.example.g${count}.v1.Thing`
    expect(document.components.schemas[model].properties.spec.properties.color.description).toBe(
      'Of the thing.',
    )
    expect((await call('GET', '/openapi/v2')).body.definitions[model]).toBeDefined()
    expect((await call('GET', path())).body).toMatchObject({ kind: 'Heap', items: [] })
  })

  test('an API service for each version, as long as there is one', async () => {
    const service = `/apis/apiregistration.k8s.io/v1/apiservices/v1.${group}`
    const shown = httpEvents(
      `${server.url}/apis/apiregistration.k8s.io/v1/apiservices?watch=1` +
        `&fieldSelector=metadata.name%3Dv1.${group}`,
    )
    await define(server, call, definition(group))
    const [added, ready] = await taken(shown, 2)
    expect([added!, ready!].map(told)).toEqual([`ADDED v1.${group}`, `MODIFIED v1.${group}`])
    expect((await call('GET', service)).body.spec).toEqual({
      group,
      version: 'v1',
      groupPriorityMinimum: 1000,
      versionPriority: 100,
    })
    await call('DELETE', `${definitions}/things.${group}`)
    expect((await taken(shown, 1)).map(told)).toEqual([`DELETED v1.${group}`])
    await shown.return()
  })

  test('names that are taken, until they are free', async () => {
    await define(server, call, definition(group, undefined, { shortNames: ['th'] }))
    const late = { plural: 'others', kind: 'Other', shortNames: ['th', 'ot'] }
    await call('POST', definitions, definition(group, undefined, late))
    const name = `others.${group}`
    const waiting = await definitionWhen(server, name, (found) => found.status.conditions)
    expect(conditionOf(waiting, 'NamesAccepted')).toMatchObject({
      status: 'False',
      reason: 'ShortNamesConflict',
      message: '"th" is already in use',
    })
    expect(conditionOf(waiting, 'Established')).toMatchObject({
      status: 'False',
      reason: 'NotAccepted',
      message: 'not all names are accepted',
    })
    expect(waiting.status.acceptedNames).toEqual({
      plural: 'others',
      singular: 'other',
      kind: 'Other',
      listKind: 'OtherList',
    })
    const others = `/apis/${group}/v1/others`
    expect((await call('GET', others)).status).toBe(404)
    await call('DELETE', `${definitions}/things.${group}`)
    await definitionWhen(
      server,
      name,
      (found) => conditionOf(found, 'Established').status === 'True',
    )
    expect((await call('GET', others)).status).toBe(200)
  })

  test('what is built in is neither replaced nor removed', async () => {
    const names = { plural: 'leases', kind: 'Lease' }
    const wanted = definition('coordination.k8s.io', [version('v9')], names)
    const annotations = { 'api-approved.kubernetes.io': 'unapproved, a test' }
    const metadata = { ...wanted.metadata, annotations }
    await define(server, call, { ...wanted, metadata })
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    await call('POST', leases, { metadata: { name: 'held' } })
    expect((await call('GET', leases.replace('v1', 'v9'))).status).toBe(404)
    const name = wanted.metadata.name
    const found = await definitionWhen(server, name, Boolean)
    expect(conditionOf(found, 'KubernetesAPIApprovalPolicyConformant')).toMatchObject({
      status: 'False',
      message: 'not approved: "unapproved, a test"',
    })
    await call('DELETE', `${definitions}/${name}`)
    await definitionWhen(server, name, (each) => each === undefined)
    expect((await call('GET', `${leases}/held`)).status).toBe(200)
  })
})

describe('what is stored while definitions change', () => {
  test('new defaults are shown at once, and fields that are no more are not', async () => {
    await define(server, call, definition(group, [version('v1', specOf({ a: text, b: text }))]))
    await create('old', { spec: { a: '1', b: '2' } })
    const next = specOf({ a: text, c: { ...text, default: 'C' } })
    await changed({ spec: { versions: [version('v1', next)] } })
    const spec = { a: '1', c: 'C' }
    expect((await call('GET', `${path()}/old`)).body.spec).toEqual(spec)
    const { body: list } = await call('GET', path())
    expect(list.items).toMatchObject([{ kind: 'Thing', metadata: { name: 'old' }, spec }])
    expect((await create('new', { spec: { a: '3', b: '4' } })).body.spec).toEqual({
      a: '3',
      c: 'C',
    })
  })

  test('fields become selectable for objects that were there before', async () => {
    const schema = specOf({ color: text })
    await define(server, call, definition(group, [version('v1', schema)]))
    await create('red', { spec: { color: 'red' } })
    const query = '?fieldSelector=spec.color%3Dred'
    expect((await call('GET', path() + query)).status).toBe(400)
    const selectableFields = [{ jsonPath: '.spec.color' }]
    await changed({ spec: { versions: [version('v1', schema, { selectableFields })] } })
    await create('blue', { spec: { color: 'blue' } })
    await create('redder', { spec: { color: 'red' } })
    const { body } = await call('GET', path() + query)
    const nameOf = ({ metadata }: { metadata: { name: string } }): string => metadata.name
    expect(body.items.map(nameOf)).toEqual(['red', 'redder'])
    const events = httpEvents(`${server.url}${path()}?watch=1&fieldSelector=spec.color%3Dred`)
    expect((await taken(events, 2)).map(told)).toEqual(['ADDED red', 'ADDED redder'])
    const patch = { spec: { color: 'blue' } }
    await call('PATCH', `${path()}/red`, patch, mergePatch)
    expect((await taken(events, 1)).map(told)).toEqual(['DELETED red'])
    await events.return()
  })

  test('the version for storage moves', async () => {
    const [one, two] = [specOf({ a: text }), specOf({ a: text, b: { ...text, default: 'B' } })]
    const versions = [version('v1', one), version('v2', two, { storage: false })]
    await define(server, call, definition(group, versions))
    await create('old', { spec: { a: '1' } })
    expect((await call('GET', `${path('v2')}/old`)).body).toMatchObject({
      apiVersion: `${group}/v2`,
      spec: { a: '1' },
    })
    const moved = [version('v1', one, { storage: false }), version('v2', two)]
    await changed({ spec: { versions: moved } })
    const { body: found } = await call('GET', `${definitions}/things.${group}`)
    expect(found.status.storedVersions).toEqual(['v1', 'v2'])
    await create('new', { spec: { a: '2' } })
    const specs = async (apiVersion: string) =>
      (await call('GET', path(apiVersion))).body.items.map(({ spec }: { spec: object }) => spec)
    expect(await specs('v1')).toEqual([{ a: '2' }, { a: '1' }])
    expect(await specs('v2')).toEqual([{ a: '2', b: 'B' }, { a: '1' }])
    const touched = await call(
      'PATCH',
      `${path()}/old`,
      { metadata: { labels: { l: '' } } },
      mergePatch,
    )
    expect(touched.status).toBe(200)
    expect(await specs('v2')).toEqual([
      { a: '2', b: 'B' },
      { a: '1', b: 'B' },
    ])
  })

  test('a deprecated version says so', async () => {
    const old = { storage: false, deprecated: true }
    const versions = [version('v1beta1', undefined, old), version('v1')]
    await define(server, call, definition(group, versions))
    const { headers } = await call('GET', path('v1beta1'))
    expect(headers.get('warning')).toBe(
      `299 - "${group}/v1beta1 Thing is deprecated; use ${group}/v1 Thing"`,
    )
  })

  test('webhooks are not asked, so only what needs none is done', async () => {
    const versions = [version('v1'), version('v2', undefined, { storage: false })]
    const url = 'https://example.com/convert'
    const webhook = { clientConfig: { url }, conversionReviewVersions: ['v1'] }
    const conversion = { strategy: 'Webhook', webhook }
    await define(server, call, definition(group, versions, {}, { conversion }))
    expect((await create('a')).status).toBe(201)
    expect((await call('GET', `${path()}/a`)).status).toBe(200)
    const { status, body } = await call('GET', `${path('v2')}/a`)
    expect([status, body.message]).toEqual([
      500,
      `conversion webhook for ${group}/v1, Kind=Thing failed: ` +
        `this server cannot ask webhooks to convert to ${group}/v2`,
    ])
  })
})

describe('objects', () => {
  const fields = { size: { type: 'integer', minimum: 1 }, tags: { type: 'array', items: text } }
  const subresources = {
    status: {},
    scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
  }

  test('are validated as strictly as callers wish', async () => {
    await define(server, call, definition(group, [version('v1', specOf(fields))]))
    const sent = thing('a', { spec: { size: 2, colour: 'red' } })
    const strict = await call('POST', `${path()}?fieldValidation=Strict`, sent)
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'Thing in version "v1" cannot be handled as a Thing: ' +
        'strict decoding error: unknown field "spec.colour"',
    ])
    const { headers, body } = await call('POST', path(), sent)
    expect(headers.get('warning')).toBe('299 - "unknown field \\"spec.colour\\""')
    expect(body.spec).toEqual({ size: 2 })
    const wrong = await create('b', { spec: { size: 0 } })
    expect(wrong.body.message).toBe(
      `Thing.${group} "b" is invalid: spec.size: Invalid value: 0: ` +
        'spec.size in body should be greater than or equal to 1',
    )
  })

  test('have columns, status and scale', async () => {
    const additionalPrinterColumns = [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }]
    const more = { subresources, additionalPrinterColumns }
    const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    const { properties } = specOf(fields) as { properties: object }
    const schema = { type: 'object', properties: { ...properties, status } }
    await define(server, call, definition(group, [version('v1', schema, more)]))
    await create('a', { spec: { size: 2 }, status: { size: 9 } })
    const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = await fetch(server.url + path(), { headers: { accept: asTable } })
    expect(await table.json()).toMatchObject({ rows: [{ cells: ['a', 2] }] })
    const scaled = { spec: { replicas: 5 } }
    await call('PATCH', `${path()}/a/scale`, scaled, mergePatch)
    const sized = { spec: { size: 7 }, status: { size: 4 } }
    await call('PATCH', `${path()}/a/status`, sized, mergePatch)
    const { body } = await call('GET', `${path()}/a`)
    expect([body.spec, body.status, body.metadata.generation]).toEqual([
      { size: 5 },
      { size: 4 },
      2,
    ])
    expect((await call('GET', `${path()}/a/scale`)).body).toMatchObject({
      spec: { replicas: 5 },
      status: { replicas: 4 },
    })
  })

  test('are applied, but not merged strategically', async () => {
    const tags = { ...fields.tags, 'x-kubernetes-list-type': 'set' }
    await define(server, call, definition(group, [version('v1', specOf({ ...fields, tags }))]))
    const apply = (manager: string, spec: object) =>
      call(
        'PATCH',
        `${path()}/a?fieldManager=${manager}`,
        thing('a', { spec }),
        'application/apply-patch+yaml',
      )
    expect((await apply('one', { size: 1, tags: ['x'] })).status).toBe(201)
    expect((await apply('two', { tags: ['y'] })).body.spec).toEqual({ size: 1, tags: ['x', 'y'] })
    expect((await apply('two', { size: 2 })).status).toBe(409)
    const strategic = 'application/strategic-merge-patch+json'
    expect((await call('PATCH', `${path()}/a`, {}, strategic)).status).toBe(415)
  })

  test('may be larger than a megabyte', async () => {
    await define(server, call, definition(group))
    const blob = 'x'.repeat(1_500_000)
    expect((await create('big', { blob })).status).toBe(201)
    expect((await call('GET', `${path()}/big`)).body.blob).toBe(blob)
  })
})

describe('hostile definitions', () => {
  const refusal = async (schema: object) => {
    const { status, body } = await call(
      'POST',
      definitions,
      definition(group, [version('v1', schema as never)]),
    )
    return [status, body.message]
  }
  const nested = (levels: number): object =>
    JSON.parse(`${'{"type":"array","items":'.repeat(levels)}{"type":"string"}${'}'.repeat(levels)}`)

  test('ten thousand levels', async () => {
    const begin = '{"type":"array","items":'
    const deep = `${begin.repeat(10_000)}{"type":"string"}${'}'.repeat(10_000)}`
    const whole = JSON.stringify(definition(group, [version('v1', { type: 'object' })]))
    const body = whole.replace('{"type":"object"}', `{"type":"object","properties":{"a":${deep}}}`)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(server.url + definitions, { method: 'POST', headers, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('max depth') })
  })

  test('as many levels as JSON may have', async () => {
    const schema = { type: 'object', properties: { a: nested(900) } }
    await define(server, call, definition(group, [version('v1', schema)]))
    const value = JSON.parse(`${'['.repeat(900)}1${']'.repeat(900)}`)
    const { status, body } = await create('deep', { a: value })
    expect([status, body.reason]).toEqual([422, 'Invalid'])
  })

  test('patterns that explode', async () => {
    const pattern = '^(([a-z])+.)+[A-Z]([a-z])+$'
    await define(
      server,
      call,
      definition(group, [version('v1', specOf({ a: { ...text, pattern } }))]),
    )
    const { body } = await create('a', { spec: { a: 'a'.repeat(100_000) } })
    expect(body.reason).toBe('Invalid')
    for (const each of ['((a{1000}){1000}){1000}', 'a'.repeat(1_000_000), '['.repeat(100_000)]) {
      expect(await refusal(specOf({ a: { ...text, pattern: each } }))).toEqual([
        422,
        expect.stringMatching(/patterns must not have more than 100000 states|regular expression/),
      ])
    }
  })

  test('choices that multiply', async () => {
    const anyOf = Array.from({ length: 10_000 }, (_, number) => ({ minimum: number + 2 }))
    const list = { type: 'array', items: { type: 'integer', anyOf } }
    await define(server, call, definition(group, [version('v1', specOf({ list }))]))
    const { status, body } = await create('a', { spec: { list: Array(1000).fill(1) } })
    expect([status, body.message]).toEqual([
      413,
      'Request entity too large: validation takes more than 1000000 tries of anyOf, oneOf, allOf and not',
    ])
  })

  test('rules that nobody would check', async () => {
    const rules = [{ rule: 'self.a > 1' }]
    const schema = { type: 'object', 'x-kubernetes-validations': rules }
    expect(await refusal(schema)).toEqual([
      422,
      `CustomResourceDefinition.apiextensions.k8s.io "things.${group}" is invalid: ` +
        'spec.validation.openAPIV3Schema.x-kubernetes-validations: Forbidden: ' +
        'rules in the Common Expression Language are not supported by this server',
    ])
  })
})
