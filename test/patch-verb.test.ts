/** PATCH and apply against a real server: media types, parameters, retries, versions, warnings. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const json = 'application/json-patch+json'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const applied = 'application/apply-patch+yaml'

interface Answer {
  readonly status: number
  readonly warnings: string
  readonly body: Body
}

/** An object or a Status. */
interface Body {
  readonly metadata: {
    readonly resourceVersion: string
    readonly managedFields: readonly { readonly manager: string; readonly apiVersion: string }[]
  }
  readonly data: Readonly<Record<string, string>>
  readonly message: string
  readonly reason: string
  readonly details: object
}

async function call(method: string, path: string, type: string, body: unknown): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: type ? { 'content-type': type } : {},
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const warnings = response.headers.get('warning') ?? ''
  return { status: response.status, warnings, body: (await response.json()) as Body }
}

const configMaps = '/api/v1/namespaces/default/configmaps'
const patch = (name: string, type: string, body: unknown) =>
  call('PATCH', `${configMaps}/${name}`, type, body)
const create = (name: string, data: object) =>
  call('POST', configMaps, 'application/json', { metadata: { name }, data })
const config = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})

describe('PATCH', () => {
  test('takes all kinds of patches', async () => {
    await create('kinds', { a: '1' })
    const operations = [{ op: 'add', path: '/data/b', value: '2' }]
    expect((await patch('kinds', json, operations)).body.data).toEqual({ a: '1', b: '2' })
    expect((await patch('kinds', merge, { data: { a: null } })).body.data).toEqual({ b: '2' })
    expect((await patch('kinds', strategic, { data: { c: '3' } })).body.data).toEqual({
      b: '2',
      c: '3',
    })
  })

  test.for(['', 'application/json', 'text/plain'])('does not take %j', async (type) => {
    expect((await patch('none', type, '{}')).body).toMatchObject({
      code: 415,
      reason: 'UnsupportedMediaType',
      message: '415: Unsupported Media Type',
    })
  })

  test('finds nothing before it reads the patch', async () => {
    expect((await patch('none', merge, '{')).body.message).toBe('configmaps "none" not found')
  })

  test.for<[string, string, unknown, number, string]>([
    [
      'an unfinished merge patch',
      merge,
      '{"data":',
      400,
      'error decoding patch: unexpected end of JSON input',
    ],
    ['null', merge, 'null', 400, 'Invalid JSON Patch'],
    [
      'a list as merge patch',
      merge,
      '[1]',
      400,
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [
      'a list as strategic patch',
      strategic,
      '[1]',
      400,
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [
      'an object as JSON patch',
      json,
      '{}',
      400,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    [
      'a JSON patch that does not apply',
      json,
      [{ op: 'remove', path: '/data/x' }],
      422,
      'the server rejected our request due to an error in our request',
    ],
    [
      'another name',
      merge,
      { metadata: { name: 'other' } },
      400,
      'the name of the object (other) does not match the name on the URL (refusals)',
    ],
    [
      'another namespace',
      merge,
      { metadata: { namespace: 'x' } },
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
  ])('refuses %s', async ([_, type, body, code, message]) => {
    await create('refusals', {})
    expect((await patch('refusals', type, body)).body).toMatchObject({ code, message })
  })

  test('refuses what makes no object, and shows it', async () => {
    await create('shown', {})
    const { body } = await patch('shown', merge, { data: 'x' })
    expect(body).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{.*\}": json: cannot unmarshal string into Go struct field ConfigMap.data of type map\[string\]string$/,
    )
    expect(Object.keys(body.details)).toEqual(['causes'])
    expect((await patch('shown', merge, { kind: 'Secret' })).body.message).toMatch(
      /: converting \(v1.Secret\) to \(core.ConfigMap\): unknown conversion$/,
    )
  })

  test('tells in other words what is wrong with a strategic patch', async () => {
    await create('words', {})
    expect((await patch('words', strategic, { data: 'x' })).body.message).toBe(
      ' "" is invalid: patch: Invalid value: "map[data:x]": cannot restore map from string',
    )
    expect((await patch('words', strategic, { kind: 'Secret' })).status).toBe(200)
  })

  test('warns about what it ignores, or refuses it, or says nothing', async () => {
    await create('strict', {})
    const body = '{"zap":1,"data":{"a":"1"},"data":{"a":"2"}}'
    const path = `${configMaps}/strict?fieldValidation=`
    expect((await call('PATCH', `${path}Warn`, merge, body)).warnings).toBe(
      '299 - "duplicate field \\"data\\"", 299 - "unknown field \\"zap\\""',
    )
    expect((await call('PATCH', `${path}Ignore`, merge, body)).warnings).toBe('')
    expect((await call('PATCH', `${path}Strict`, merge, body)).body.message).toMatch(
      /: strict decoding error: duplicate field "data", unknown field "zap"$/,
    )
    expect((await call('PATCH', `${path}Strict`, strategic, { zap: 1 })).body.message).toBe(
      ' "" is invalid: patch: Invalid value: "map[zap:1]": strict decoding error: unknown field "zap"',
    )
    const operation = [{ op: 'add', path: '/data/x', value: '1', foo: 1 }]
    expect((await call('PATCH', `${path}Strict`, json, operation)).body.message).toMatch(
      /: strict decoding error: json patch unknown field "\[0\].foo"$/,
    )
  })

  test('loses no change when many patch at once', async () => {
    await create('crowd', {})
    const names = Array.from({ length: 20 }, (_, at) => `k${at}`)
    const answers = await Promise.all(
      names.map((name, at) =>
        patch('crowd', [merge, strategic][at % 2]!, { data: { [name]: '1' } }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200))
    const { body } = await patch('crowd', merge, {})
    expect(Object.keys(body.data).sort()).toEqual(names.sort())
  })

  test('insists on a version that the patch names', async () => {
    const { body } = await create('version', {})
    const { resourceVersion } = body.metadata
    const versioned = { metadata: { resourceVersion }, data: { a: '1' } }
    expect((await patch('version', merge, versioned)).status).toBe(200)
    expect((await patch('version', merge, versioned)).body.reason).toBe('Conflict')
  })

  test('writes nothing when nothing changes', async () => {
    const { body } = await create('same', { a: '1' })
    const again = await patch('same', merge, { data: { a: '1' } })
    expect(again.body).toEqual(body)
  })
})

describe('apply', () => {
  const apply = (name: string, query: string, body: unknown) =>
    call('PATCH', `${configMaps}/${name}?${query}`, applied, body)

  test('creates, then changes', async () => {
    const first = await apply('a', 'fieldManager=one', config('a', { a: '1' }))
    expect(first.status).toBe(201)
    expect(first.body.metadata.managedFields).toMatchObject([
      { manager: 'one', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ])
    const second = await apply('a', 'fieldManager=one', config('a', { b: '1' }))
    expect(second).toMatchObject({ status: 200, body: { data: { b: '1' } } })
  })

  test('reads YAML', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n'
    expect((await apply('yaml', 'fieldManager=one', text)).body.data).toEqual({ a: '1' })
    expect((await apply('yaml', 'fieldManager=one', 'a: [')).body.message).toBe(
      'error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content',
    )
  })

  test.for<[string, string, object, string]>([
    [
      'no manager',
      '',
      {},
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      'no type',
      'fieldManager=m',
      { apiVersion: undefined, kind: undefined },
      'invalid object type: /, Kind=',
    ],
    ['another kind', 'fieldManager=m', { kind: 'Secret' }, 'invalid object type: /v1, Kind=Secret'],
    [
      'another name',
      'fieldManager=m',
      { metadata: { name: 'b' } },
      'the name of the object (b) does not match the name on the URL (refused)',
    ],
    [
      'managers',
      'fieldManager=m',
      { metadata: { name: 'refused', managedFields: [] } },
      'metadata.managedFields must be nil',
    ],
    [
      'a uid of nothing',
      'fieldManager=m',
      { metadata: { name: 'refused', uid: 'x' } },
      'Operation cannot be fulfilled on configmaps "refused": uid mismatch: the provided object specified uid x, and no existing object was found',
    ],
    [
      'unknown fields',
      'fieldManager=m',
      { nope: 1 },
      'failed to create typed patch object (/refused; /v1, Kind=ConfigMap): .nope: field not declared in schema',
    ],
  ])('refuses %s', async ([_, query, more, message]) => {
    const { body } = await apply('refused', query, { ...config('refused', {}), ...more })
    expect(body.message).toBe(message)
  })

  test('is the only patch that may be forced', async () => {
    await create('force', {})
    const { body } = await call('PATCH', `${configMaps}/force?force=true`, merge, {})
    expect(body.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    )
  })

  test('stores nothing in a dry run', async () => {
    const query = 'fieldManager=m&dryRun=All'
    expect((await apply('dry', query, config('dry', {}))).status).toBe(201)
    expect((await patch('dry', merge, {})).status).toBe(404)
  })

  test('creates what was deleted, whatever version it saw', async () => {
    const seen = { ...config('gone', {}), metadata: { name: 'gone', resourceVersion: '1' } }
    expect((await apply('gone', 'fieldManager=m', seen)).status).toBe(201)
  })

  test('takes a value for what it means', async () => {
    const path = '/api/v1/namespaces/default/limitranges/l?fieldManager=m'
    const limits = (cpu: string) => ({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', max: { cpu } }] },
    })
    const first = await call('PATCH', path, applied, limits('1'))
    expect(first.status).toBe(201)
    const second = await call('PATCH', path, applied, limits('1000m'))
    expect(second.body).toEqual(first.body)
  })

  test('never creates through a subresource', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/none/status?fieldManager=m'
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'none' } }
    expect((await call('PATCH', path, applied, body)).status).toBe(404)
  })

  test('knows managers of another version of the same objects', async () => {
    const autoscaler = (version: string) =>
      `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
    const spec = {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      maxReplicas: 3,
    }
    const object = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec,
    }
    const older = await call('PATCH', `${autoscaler('v1')}/h?fieldManager=one`, applied, object)
    expect(older.status).toBe(201)
    const newer = { ...object, apiVersion: 'autoscaling/v2', spec: { ...spec, maxReplicas: 4 } }
    const path = `${autoscaler('v2')}/h?fieldManager=two`
    const refused = await call('PATCH', path, applied, newer)
    expect(refused.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.maxReplicas',
    )
    const forced = await call('PATCH', `${path}&force=true`, applied, newer)
    const managers = forced.body.metadata.managedFields
    expect(managers.map(({ manager, apiVersion }) => `${manager} ${apiVersion}`)).toEqual([
      'one autoscaling/v1',
      'two autoscaling/v2',
    ])
  })
})
