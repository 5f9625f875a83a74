/** Scale, binding, eviction, finalizers and views, against a real API server. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'
import { type Call, jsonClient } from './json-client.ts'

let server: TestServer
let call: Call

beforeAll(async () => {
  server = await startTestServer()
  call = jsonClient(server.url)
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'n' } })
})
afterAll(() => server[Symbol.asyncDispose]())

const mergePatch = 'application/merge-patch+json'
const pods = '/api/v1/namespaces/n/pods'
const container = { name: 'c', image: 'example.com/app:1' }

const createPod = (name: string, labels = {}, spec = {}) =>
  call('POST', pods, { metadata: { name, labels }, spec: { containers: [container], ...spec } })
const bind = (name: string, extra = {}) =>
  call('POST', `${pods}/${name}/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, ...extra },
    target: { kind: 'Node', name: 'node-a' },
  })
const setStatus = (name: string, status: object) =>
  call('PATCH', `${pods}/${name}/status`, { status }, mergePatch)

describe('scale', () => {
  const deployments = '/apis/apps/v1/namespaces/n/deployments'
  const scale = (replicas: number, metadata = {}) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'd', ...metadata },
    spec: { replicas },
  })

  beforeAll(async () => {
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } }
    const spec = { replicas: 2, selector: { matchLabels: { app: 'a' } }, template }
    await call('POST', deployments, { metadata: { name: 'd' }, spec })
  })

  test('shows, sets and patches the replicas of a workload', async () => {
    const { body } = await call('GET', `${deployments}/d/scale`)
    expect(body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 2 },
      status: { selector: 'app=a' },
    })
    expect((await call('PUT', `${deployments}/d/scale`, scale(4))).body.spec.replicas).toBe(4)
    const patch = { spec: { replicas: 0 } }
    const { body: none } = await call('PATCH', `${deployments}/d/scale`, patch, mergePatch)
    expect(none.spec).toEqual({})
    const { body: deployment } = await call('GET', `${deployments}/d`)
    expect(deployment.spec.replicas).toBe(0)
    expect(deployment.metadata.generation).toBe(3)
  })

  test('refuses another version, and fewer than none', async () => {
    const stale = await call('PUT', `${deployments}/d/scale`, scale(1, { resourceVersion: '2' }))
    expect(stale.status).toBe(409)
    const { status, body } = await call('PUT', `${deployments}/d/scale`, scale(-1))
    expect(status).toBe(422)
    expect(body.message).toContain('must be greater than or equal to 0')
  })

  test('can be applied, and is owned as part of the workload', async () => {
    const path = `${deployments}/d/scale?fieldManager=scaler&force=true`
    const { status, body } = await call('PATCH', path, scale(7), 'application/apply-patch+yaml')
    expect(status).toBe(200)
    expect(body.spec.replicas).toBe(7)
    const { body: deployment } = await call('GET', `${deployments}/d`)
    expect(deployment.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 'scaler',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      }),
    )
  })

  test('of nothing is not found', async () => {
    const { body } = await call('GET', `${deployments}/zz/scale`)
    expect(body.message).toBe('deployments/scale.apps "zz" not found')
  })
})

describe('binding', () => {
  test('gives a pod to a node, with what it brings along, and only once', async () => {
    await createPod('b1', { app: 'kept' })
    const labels = { app: 'ignored', zone: 'z' }
    expect((await bind('b1', { annotations: { a: 'b' }, labels })).body).toMatchObject({
      status: 'Success',
      code: 201,
    })
    const { body } = await call('GET', `${pods}/b1`)
    expect(body.spec.nodeName).toBe('node-a')
    expect(body.metadata).toMatchObject({
      annotations: { a: 'b' },
      labels: { app: 'kept', zone: 'z' },
    })
    expect(body.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
    const again = await bind('b1')
    expect(again.status).toBe(409)
    expect(again.body.message).toBe(
      'Operation cannot be fulfilled on pods/binding "b1": ' +
        'pod b1 is already assigned to node "node-a"',
    )
  })

  test('through the older path, too', async () => {
    await createPod('b2')
    const target = { kind: 'Node', name: 'node-b' }
    const { status } = await call('POST', '/api/v1/namespaces/n/bindings', {
      metadata: { name: 'b2' },
      target,
    })
    expect(status).toBe(201)
    expect((await call('GET', `${pods}/b2`)).body.spec.nodeName).toBe('node-b')
  })

  test.for([
    { name: 'a pod with gates', spec: { schedulingGates: [{ name: 'x.io/g' }] }, code: 409 },
    { name: 'another uid', metadata: { uid: 'other' }, code: 409 },
  ])('refuses $name', async ({ name, spec, metadata, code }) => {
    const pod = `refused-${name.replaceAll(' ', '-')}`
    await createPod(pod, {}, spec)
    expect((await bind(pod, metadata)).status).toBe(code)
  })

  test('of nothing is not found', async () => {
    expect((await bind('zz')).body.message).toBe('pods "zz" not found')
  })

  test('of many at once ends with one winner', async () => {
    await createPod('b3')
    const all = await Promise.all(Array.from({ length: 8 }, () => bind('b3')))
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1)
  })
})

describe('eviction', () => {
  const budgets = '/apis/policy/v1/namespaces/n/poddisruptionbudgets'
  const evict = (name: string, query = '', deleteOptions?: object) =>
    call('POST', `${pods}/${name}/eviction${query}`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name },
      ...(deleteOptions && { deleteOptions }),
    })
  const running = async (name: string, app: string, isReady = true) => {
    await createPod(name, { app }, { terminationGracePeriodSeconds: 0 })
    await bind(name)
    const ready = { type: 'Ready', status: isReady ? 'True' : 'False' }
    await setStatus(name, { phase: 'Running', conditions: [ready] })
  }
  const budget = async (app: string, status: object, spec: object = {}) => {
    const selector = { matchLabels: { app } }
    const body = { metadata: { name: app }, spec: { minAvailable: 1, selector, ...spec } }
    await call('POST', budgets, body)
    const counts = { currentHealthy: 2, desiredHealthy: 1, expectedPods: 2, ...status }
    await call(
      'PATCH',
      `${budgets}/${app}/status`,
      { status: { observedGeneration: 1, disruptionsAllowed: 0, ...counts } },
      mergePatch,
    )
  }
  const isThere = async (name: string) => (await call('GET', `${pods}/${name}`)).status === 200

  test('without a budget is a delete', async () => {
    await running('e1', 'free')
    const { status, body } = await evict('e1')
    expect([status, body.status]).toEqual([201, 'Success'])
    expect(await isThere('e1')).toBe(false)
  })

  test('uses up a budget, then is refused', async () => {
    await running('e2', 'tight')
    await running('e3', 'tight')
    await budget('tight', { disruptionsAllowed: 1 })
    expect((await evict('e2', '?dryRun=All')).status).toBe(201)
    expect(await isThere('e2')).toBe(true)
    expect((await evict('e2')).status).toBe(201)
    const { body: after } = await call('GET', `${budgets}/tight`)
    expect(after.status.disruptionsAllowed).toBe(0)
    expect(Object.keys(after.status.disruptedPods)).toEqual(['e2'])
    expect(after.status.conditions).toMatchObject([
      { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' },
    ])
    const { status, body } = await evict('e3')
    expect(status).toBe(429)
    expect(body.message).toBe("Cannot evict pod as it would violate the pod's disruption budget.")
    expect(body.details.causes).toEqual([
      {
        reason: 'DisruptionBudget',
        message: 'The disruption budget tight needs 1 healthy pods and has 2 currently',
      },
    ])
    expect(await isThere('e3')).toBe(true)
  })

  test('waits for a budget that has not caught up', async () => {
    await running('e4', 'behind')
    await budget('behind', { observedGeneration: 0, disruptionsAllowed: 1 })
    const { status, headers, body } = await evict('e4')
    expect([status, headers.get('retry-after')]).toEqual([429, '10'])
    expect(body.details.causes[0].message).toContain('still being processed')
  })

  test.for([
    { app: 'healthy', status: {}, spec: {}, code: 201 },
    { app: 'unhealthy', status: { currentHealthy: 0 }, spec: {}, code: 429 },
    {
      app: 'always',
      status: { currentHealthy: 0 },
      spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      code: 201,
    },
  ])('of a pod that is not ready: $app', async ({ app, status, spec, code }) => {
    await running(app, app, false)
    await budget(app, status, spec)
    expect((await evict(app)).status).toBe(code)
  })

  test('needs no budget for a pod that has not begun', async () => {
    await createPod('e5', { app: 'tight' })
    expect((await evict('e5')).status).toBe(201)
  })

  test('of a pod with two budgets is refused', async () => {
    await running('e6', 'two')
    await budget('two', { disruptionsAllowed: 1 })
    const selector = { matchLabels: { app: 'two' } }
    await call('POST', budgets, {
      metadata: { name: 'other' },
      spec: { minAvailable: 1, selector },
    })
    const { status, body } = await evict('e6')
    expect(status).toBe(500)
    expect(body.message).toContain('more than one PodDisruptionBudget')
  })

  test('keeps to the preconditions of the caller', async () => {
    await createPod('e7')
    expect((await evict('e7', '', { preconditions: { uid: 'other' } })).status).toBe(409)
    const { body } = await call('GET', `${pods}/e7`)
    expect(body.status.conditions).toBeUndefined()
    const { resourceVersion } = body.metadata
    expect((await evict('e7', '', { preconditions: { resourceVersion: '1' } })).status).toBe(409)
    expect((await evict('e7', '', { preconditions: { resourceVersion } })).status).toBe(201)
  })

  test('says of a pod that is being evicted why it goes; a dry run leaves no trace', async () => {
    await createPod('e8', {}, { terminationGracePeriodSeconds: 30 })
    await bind('e8')
    await setStatus('e8', { phase: 'Running' })
    const target = async () => {
      const { body } = await call('GET', `${pods}/e8`)
      const all: { type: string }[] = body.status.conditions ?? []
      return all.find(({ type }) => type === 'DisruptionTarget')
    }
    expect((await evict('e8', '?dryRun=All')).status).toBe(201)
    expect(await target()).toBeUndefined()
    expect((await evict('e8')).status).toBe(201)
    expect(await target()).toMatchObject({
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastTransitionTime: expect.any(String),
    })
    const { body } = await call('GET', `${pods}/e8`)
    expect(body.metadata.deletionTimestamp).toBeDefined()
  })
})

describe('namespaces', () => {
  test('go when they are finalized', async () => {
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'gone' } })
    const { body } = await call('DELETE', '/api/v1/namespaces/gone')
    expect(body.status.phase).toBe('Terminating')
    expect(body.metadata.deletionGracePeriodSeconds).toBeUndefined()
    const { body: again } = await call('DELETE', '/api/v1/namespaces/gone')
    expect(again.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
    const spec = { finalizers: [] }
    const done = { metadata: { name: 'gone' }, spec }
    expect((await call('PUT', '/api/v1/namespaces/gone/finalize', done)).status).toBe(200)
    expect((await call('GET', '/api/v1/namespaces/gone')).status).toBe(404)
  })
})

describe('deletion', () => {
  test('of a running pod takes its time, and can be hastened', async () => {
    await createPod('slow')
    await bind('slow')
    const { body } = await call('DELETE', `${pods}/slow`)
    expect(body.metadata.deletionGracePeriodSeconds).toBe(30)
    const longer = await call('DELETE', `${pods}/slow?gracePeriodSeconds=60`)
    expect(longer.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
    const sooner = await call('DELETE', `${pods}/slow?gracePeriodSeconds=10`)
    expect(sooner.body.metadata.deletionGracePeriodSeconds).toBe(10)
    const earlier =
      Date.parse(body.metadata.deletionTimestamp) -
      Date.parse(sooner.body.metadata.deletionTimestamp)
    expect(earlier).toBe(20_000)
    expect((await call('DELETE', `${pods}/slow?gracePeriodSeconds=0`)).status).toBe(200)
    expect((await call('GET', `${pods}/slow`)).status).toBe(404)
  })

  test('of a pod that no node has is done at once', async () => {
    await createPod('quick')
    const { body } = await call('DELETE', `${pods}/quick`)
    expect(body.metadata.deletionGracePeriodSeconds).toBe(0)
    expect((await call('GET', `${pods}/quick`)).status).toBe(404)
  })
})

interface Component {
  readonly metadata: { readonly name: string }
  readonly conditions: readonly { readonly status: string }[]
}

describe('views', () => {
  test('an event is one object under both groups', async () => {
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'p' }
    const { status } = await call('POST', '/apis/events.k8s.io/v1/namespaces/n/events', {
      metadata: { name: 'ev' },
      eventTime: '2024-01-02T03:04:05.000000Z',
      reportingController: 'example.com/c',
      reportingInstance: 'c-1',
      action: 'Act',
      reason: 'R',
      type: 'Normal',
      note: 'said',
      regarding,
    })
    expect(status).toBe(201)
    const { body } = await call('GET', '/api/v1/namespaces/n/events/ev')
    expect(body).toMatchObject({ message: 'said', involvedObject: regarding })
    const { body: list } = await call('GET', '/apis/events.k8s.io/v1/namespaces/n/events')
    expect(list.items).toMatchObject([{ note: 'said', regarding }])
  })

  test('component statuses say how the store is, and who leads', async () => {
    const { body } = await call('GET', '/api/v1/componentstatuses')
    const health = body.items.map((each: Component) => [
      each.metadata.name,
      each.conditions[0]?.status,
    ])
    expect(health).toEqual([
      ['controller-manager', 'False'],
      ['scheduler', 'False'],
      ['etcd-0', 'True'],
    ])
    expect((await call('GET', '/api/v1/componentstatuses/zz')).status).toBe(404)
  })
})

describe('parts of a pod that change', () => {
  const amounts = (cpu: string) => ({ requests: { cpu }, limits: { cpu } })
  const specOf = (resources: object, image = 'example.com/app:1') => ({
    containers: [{ name: 'c', image, resources }],
  })
  const strategicPatch = 'application/strategic-merge-patch+json'

  test('resize changes amounts, and nothing else', async () => {
    const { body } = await createPod('r1', {}, specOf(amounts('1')))
    expect(body.metadata.generation).toBe(1)
    const patch = { metadata: { labels: { a: 'b' } }, spec: specOf(amounts('2')) }
    const { body: resized } = await call('PATCH', `${pods}/r1/resize`, patch, strategicPatch)
    expect(resized.spec.containers[0].resources.limits.cpu).toBe('2')
    expect(resized.metadata.generation).toBe(2)
    expect(resized.metadata.labels).toBeUndefined()
    const image = { spec: specOf(amounts('2'), 'example.com/app:2') }
    const { body: same } = await call('PATCH', `${pods}/r1/resize`, image, strategicPatch)
    expect(same.spec.containers[0].image).toBe('example.com/app:1')
    const { status } = await call(
      'PATCH',
      `${pods}/r1`,
      { spec: specOf(amounts('3')) },
      strategicPatch,
    )
    expect(status).toBe(422)
  })

  test('ephemeral containers are added for good', async () => {
    await createPod('r2')
    const path = `${pods}/r2/ephemeralcontainers`
    const added = { spec: { ephemeralContainers: [{ name: 'debug', image: 'example.com/sh:1' }] } }
    const { body } = await call('PATCH', path, added, strategicPatch)
    expect(body.spec.ephemeralContainers).toMatchObject([{ name: 'debug' }])
    const { status } = await call(
      'PATCH',
      path,
      { spec: { ephemeralContainers: null } },
      mergePatch,
    )
    expect(status).toBe(422)
  })
})

describe('requests for certificates', () => {
  const kind = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  const approved = { type: 'Approved', status: 'True', reason: 'Fine' }
  const conditions = { status: { conditions: [approved] } }

  test('note who asks, and are decided through approval alone', async () => {
    const pem = await readFile(new URL('fixtures/certificates/request.pem', import.meta.url))
    const spec = {
      request: pem.toString('base64'),
      signerName: 'example.com/signer',
      usages: ['client auth'],
      username: 'somebody-else',
    }
    const { body } = await call('POST', kind, { metadata: { name: 'r' }, spec })
    expect(body.spec.username).toBe('admin')
    expect(body.spec.groups).toContain('system:masters')
    const refused = await call('PATCH', `${kind}/r/status`, conditions, mergePatch)
    expect(refused.body.message).toContain('updates may not add a condition of type "Approved"')
    const { body: ignored } = await call('PATCH', `${kind}/r`, conditions, mergePatch)
    expect(ignored.status).toEqual({})
    const { body: decided } = await call('PATCH', `${kind}/r/approval`, conditions, mergePatch)
    expect(decided.status.conditions).toMatchObject([approved])
    expect(decided.status.conditions[0].lastUpdateTime).toMatch(/Z$/)
    const none = { status: { conditions: null } }
    const undone = await call('PATCH', `${kind}/r/approval`, none, mergePatch)
    expect(undone.body.message).toContain('updates may not remove a condition of type "Approved"')
  })
})
