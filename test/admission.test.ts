/** Admission of requests by a real API server: what is filled in, what is refused, and how. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'
import { type Call, jsonClient } from './json-client.ts'

let server: TestServer
let call: Call

beforeAll(async () => {
  server = await startTestServer({ settings: { admission: {} } })
  call = jsonClient(server.url)
})
afterAll(() => server[Symbol.asyncDispose]())

let count = 0

/** A namespace of its own for a test, with the account that a controller would make. */
async function namespace(labels: Record<string, string> = {}): Promise<string> {
  const name = `n${++count}`
  await created('/api/v1/namespaces', { metadata: { name, labels } })
  await created(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } })
  return `/api/v1/namespaces/${name}`
}

async function created(path: string, body: object) {
  const answer = await call('POST', path, body)
  expect(answer.body.message).toBeUndefined()
  expect(answer.status).toBe(201)
  return answer.body
}

async function refusal(method: string, path: string, body?: object, type?: string) {
  const { status, body: answer } = await call(method, path, body, type)
  return [status, answer.message]
}

const merge = 'application/merge-patch+json'
const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

describe('namespaces', () => {
  test('nothing is made where there is none', async () => {
    const path = '/api/v1/namespaces/nowhere/configmaps'
    expect(await refusal('POST', path, { metadata: { name: 'a' } })).toEqual([
      404,
      'namespaces "nowhere" not found',
    ])
  })

  test('the first ones stay', async () => {
    expect(await refusal('DELETE', '/api/v1/namespaces/kube-system')).toEqual([
      403,
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    ])
  })

  test('one that is going takes nothing new, and changes are let through', async () => {
    const path = await namespace()
    const name = path.split('/').at(-1)
    await created(`${path}/configmaps`, { metadata: { name: 'a' } })
    await call('DELETE', path)
    const { status, body } = await call('POST', `${path}/configmaps`, { metadata: { name: 'b' } })
    expect(status).toBe(403)
    expect(body.message).toBe(
      'configmaps "b" is forbidden: unable to create new content in ' +
        `namespace ${name} because it is being terminated`,
    )
    expect(body.details.causes).toEqual([
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ])
    const change = { data: { k: 'v' } }
    expect((await call('PATCH', `${path}/configmaps/a`, change, merge)).status).toBe(200)
  })
})

describe('accounts of pods', () => {
  test('a pod waits a moment for the account that is yet to be made', async () => {
    const path = `/api/v1/namespaces/n${++count}`
    await created('/api/v1/namespaces', { metadata: { name: `n${count}` } })
    const asked = call('POST', `${path}/pods`, pod('p'))
    await created(`${path}/serviceaccounts`, {
      metadata: { name: 'default' },
      imagePullSecrets: [{ name: 'registry' }],
    })
    const { status, body } = await asked
    expect(status).toBe(201)
    expect(body.spec.serviceAccountName).toBe('default')
    expect(body.spec.imagePullSecrets).toEqual([{ name: 'registry' }])
    expect(body.spec.containers[0].volumeMounts[0].mountPath).toBe(
      '/var/run/secrets/kubernetes.io/serviceaccount',
    )
  })

  test('any other account must be there', async () => {
    const path = await namespace()
    const wanted = pod('p', { serviceAccountName: 'robot' })
    expect(await refusal('POST', `${path}/pods`, wanted)).toEqual([
      403,
      `pods "p" is forbidden: error looking up service account n${count}/robot: ` +
        'serviceaccount "robot" not found',
    ])
  })

  test('an account can insist on its own secrets', async () => {
    const path = await namespace()
    await created(`${path}/serviceaccounts`, {
      metadata: { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': '1' } },
      secrets: [{ name: 'mine' }],
    })
    const using = (secretName: string) =>
      pod('p', { serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName } }] })
    expect(await refusal('POST', `${path}/pods`, using('other'))).toEqual([
      403,
      'pods "p" is forbidden: volume with secret.secretName="other" is not allowed because ' +
        'service account strict does not reference that secret',
    ])
    await created(`${path}/pods`, using('mine'))
  })

  test('mirror pods have none, and no secrets either', async () => {
    const path = await namespace()
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    const mirror = (spec: object) => pod('p', { nodeName: 'n', ...spec }, { annotations })
    const withSecret = mirror({ volumes: [{ name: 'v', secret: { secretName: 's' } }] })
    expect(await refusal('POST', `${path}/pods`, withSecret)).toEqual([
      403,
      'pods "p" is forbidden: a mirror pod may not reference secrets',
    ])
    const { spec } = await created(`${path}/pods`, mirror({}))
    expect(spec.serviceAccountName).toBeUndefined()
  })
})

describe('priorities', () => {
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
  test('there is one default, which pods get that name no class', async () => {
    const path = await namespace()
    const metadata = { name: 'usual' }
    await created(classes, { metadata, value: 7, globalDefault: true, preemptionPolicy: 'Never' })
    const { spec } = await created(`${path}/pods`, pod('p'))
    expect(spec).toMatchObject({
      priority: 7,
      priorityClassName: 'usual',
      preemptionPolicy: 'Never',
    })
    const second = { metadata: { name: 'second' }, value: 8, globalDefault: true }
    expect(await refusal('POST', classes, second)).toEqual([
      403,
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass usual ' +
        'is already marked as default. Only one default can exist',
    ])
    await call('PATCH', `${classes}/usual`, { metadata: { labels: { a: 'b' } } }, merge)
    await call('DELETE', `${classes}/usual`)
    expect((await created(`${path}/pods`, pod('q'))).spec.priority).toBe(0)
  })

  test('a policy that is not that of the class is refused', async () => {
    const path = await namespace()
    const wanted = pod('p', { preemptionPolicy: 'Never' })
    expect((await refusal('POST', `${path}/pods`, wanted))[1]).toBe(
      'pods "p" is forbidden: the string value of PreemptionPolicy (Never) must not be provided ' +
        'in pod spec; priority admission controller computed PreemptLowerPriority ' +
        'from the given PriorityClass name',
    )
  })
})

describe('classes of runtimes', () => {
  test('bring overhead and places to run along', async () => {
    const path = await namespace()
    await created('/apis/node.k8s.io/v1/runtimeclasses', {
      metadata: { name: 'sandbox' },
      handler: 'h',
      overhead: { podFixed: { memory: '64Mi' } },
      scheduling: {
        nodeSelector: { sandbox: 'yes' },
        tolerations: [{ key: 'sandbox', operator: 'Exists' }],
      },
    })
    const wanted = { runtimeClassName: 'sandbox', nodeSelector: { zone: 'a' } }
    const { spec } = await created(`${path}/pods`, pod('p', wanted))
    expect(spec.overhead).toEqual({ memory: '64Mi' })
    expect(spec.nodeSelector).toEqual({ sandbox: 'yes', zone: 'a' })
    expect(spec.tolerations.map(({ key }: { key: string }) => key)).toEqual([
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'sandbox',
    ])
    const elsewhere = { ...wanted, nodeSelector: { sandbox: 'no' } }
    expect((await refusal('POST', `${path}/pods`, pod('q', elsewhere)))[1]).toBe(
      'pods "q" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; ' +
        'pod.spec.nodeSelector[sandbox] = no',
    )
  })

  test.for<[object, string]>([
    [{ runtimeClassName: 'none' }, 'RuntimeClass "none" not found'],
    [
      { overhead: { cpu: '1' } },
      'Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
  ])('%j is refused', async ([spec, message]) => {
    const path = await namespace()
    expect(await refusal('POST', `${path}/pods`, pod('p', spec))).toEqual([
      403,
      `pods "p" is forbidden: pod rejected: ${message}`,
    ])
  })
})

test('pods bear the zone and region of their node, unless they say otherwise', async () => {
  const path = await namespace()
  const [zone, region] = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']
  const labels = { [zone]: 'z', [region]: 'r', other: 'x' }
  await created('/api/v1/nodes', { metadata: { name: 'placed', labels } })
  const direct = await created(`${path}/pods`, pod('a', { nodeName: 'placed' }))
  expect(direct.metadata.labels).toEqual({ [region]: 'r', [zone]: 'z' })
  await created(`${path}/pods`, pod('b', {}, { labels: { [zone]: 'own' } }))
  const target = { kind: 'Node', name: 'placed' }
  await created(`${path}/pods/b/binding`, { metadata: { name: 'b' }, target })
  const { body } = await call('GET', `${path}/pods/b`)
  expect(body.metadata.labels).toEqual({ [region]: 'r', [zone]: 'own' })
})

describe('security of pods', () => {
  const enforce = 'pod-security.kubernetes.io/enforce'
  test('labels must be words that exist', async () => {
    const metadata = { name: 'x', labels: { [enforce]: 'strict' } }
    expect(await refusal('POST', '/api/v1/namespaces', { metadata })).toEqual([
      422,
      `Namespace "x" is invalid: metadata.labels[${enforce}]: Invalid value: "strict": ` +
        'must be one of privileged, baseline, restricted',
    ])
  })

  test('a stricter level tells of the pods that are there', async () => {
    const path = await namespace()
    for (const name of ['b', 'a']) {
      await created(`${path}/pods`, pod(name, { hostNetwork: true }))
    }
    await created(`${path}/pods`, pod('c'))
    const labels = { [enforce]: 'baseline' }
    const { headers } = await call('PATCH', path, { metadata: { labels } }, merge)
    expect(headers.get('warning')).toBe(
      `299 - "existing pods in namespace \\"n${count}\\" violate the new PodSecurity enforce ` +
        'level \\"baseline:latest\\"", 299 - "a (and 1 other pod): host namespaces"',
    )
    expect((await refusal('POST', `${path}/pods`, pod('d', { hostPID: true })))[1]).toBe(
      'pods "d" is forbidden: violates PodSecurity "baseline:latest": ' +
        'host namespaces (hostPID=true)',
    )
    // What is there goes on, as long as nothing of it changes that matters.
    const label = { metadata: { labels: { x: 'y' } } }
    expect((await call('PATCH', `${path}/pods/a`, label, merge)).status).toBe(200)
    const image = { spec: { containers: [{ name: 'c', image: 'other' }] } }
    const strategic = 'application/strategic-merge-patch+json'
    expect((await call('PATCH', `${path}/pods/a`, image, strategic)).status).toBe(403)
  })
})

describe('storage and ingresses', () => {
  test('claims get the newest default class, and a finalizer', async () => {
    const path = await namespace()
    const classes = '/apis/storage.k8s.io/v1/storageclasses'
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    await created(classes, {
      metadata: { name: 'fast', annotations },
      provisioner: 'p',
      allowVolumeExpansion: true,
    })
    const resources = { requests: { storage: '1Gi' } }
    const claim = (name: string, spec: object = {}) => ({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources, ...spec },
    })
    const made = await created(`${path}/persistentvolumeclaims`, claim('a'))
    expect(made.spec.storageClassName).toBe('fast')
    expect(made.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
    const none = await created(
      `${path}/persistentvolumeclaims`,
      claim('b', { storageClassName: '' }),
    )
    expect(none.spec.storageClassName).toBe('')
    await call('DELETE', `${classes}/fast`)
  })

  test('an Ingress gets the default class unless it names one', async () => {
    const path = `/apis/networking.k8s.io/v1/namespaces/${(await namespace()).split('/').at(-1)}`
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    await created('/apis/networking.k8s.io/v1/ingressclasses', {
      metadata: { name: 'usual', annotations },
      spec: { controller: 'example.com/c' },
    })
    const ingress = (name: string, metadata: object = {}) => ({
      metadata: { name, ...metadata },
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    })
    const { spec } = await created(`${path}/ingresses`, ingress('a'))
    expect(spec.ingressClassName).toBe('usual')
    const old = { annotations: { 'kubernetes.io/ingress.class': 'nginx' } }
    expect((await created(`${path}/ingresses`, ingress('b', old))).spec.ingressClassName).toBe(
      undefined,
    )
  })
})

describe('limits', () => {
  test('claims are held to them', async () => {
    const path = await namespace()
    await created(`${path}/limitranges`, {
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }] },
    })
    const spec = {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      resources: { requests: { storage: '2Gi' } },
    }
    const claim = { metadata: { name: 'a' }, spec }
    expect((await refusal('POST', `${path}/persistentvolumeclaims`, claim))[1]).toBe(
      'persistentvolumeclaims "a" is forbidden: maximum storage usage per ' +
        'PersistentVolumeClaim is 1Gi, but request is 2Gi',
    )
  })

  test('what has changed counts at once', async () => {
    const path = await namespace()
    const limits = (cpu: string) => ({ spec: { limits: [{ type: 'Pod', max: { cpu } }] } })
    const asking = (name: string) =>
      pod(name, {
        containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '2' } } }],
      })
    await created(`${path}/pods`, asking('a'))
    await created(`${path}/limitranges`, { metadata: { name: 'l' }, ...limits('1') })
    expect((await call('POST', `${path}/pods`, asking('b'))).status).toBe(403)
    await call('PATCH', `${path}/limitranges/l`, limits('2'), merge)
    await created(`${path}/pods`, asking('b'))
    await call('PATCH', `${path}/limitranges/l`, limits('1'), merge)
    expect((await call('POST', `${path}/pods`, asking('c'))).status).toBe(403)
    await call('DELETE', `${path}/limitranges/l`)
    await created(`${path}/pods`, asking('c'))
  })
})
