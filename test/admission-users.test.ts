/** Admission that depends on who asks: kubelets, signers, and those who name owners. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestInfo } from '#apiserver/request-info.ts'
import { startTestServer, type TestServer } from './api-server.ts'

let server: TestServer
/** What the user of the next request may do beside everything usual. */
let mayAct: (info: RequestInfo) => boolean = () => true

beforeAll(async () => {
  server = await startTestServer({
    settings: {
      admission: {
        enable: ['OwnerReferencesPermissionEnforcement'],
        disable: ['ServiceAccount'],
      },
      authenticators: [
        {
          authenticate({ headers }) {
            const name = String(headers['x-user'] ?? 'admin')
            const isNode = name.startsWith('system:node:')
            const groups = isNode ? ['system:nodes'] : ['system:masters']
            return { name, groups: [...groups, 'system:authenticated'] }
          },
        },
      ],
      authorizer: {
        authorize: (_user, info) => ({ allowed: mayAct(info), reason: 'because' }),
      },
    },
  })
  await as('admin', 'POST', '/api/v1/nodes', node('a'))
  await as('admin', 'POST', '/api/v1/nodes', node('b'))
  for (const [name, nodeName] of [
    ['mine', 'a'],
    ['theirs', 'b'],
  ]) {
    const { status } = await as('admin', 'POST', pods, pod(name!, { nodeName }))
    expect(status).toBe(201)
  }
})
afterAll(() => server[Symbol.asyncDispose]())

const kubelet = 'system:node:a'
const pods = '/api/v1/namespaces/default/pods'
const merge = 'application/merge-patch+json'

const node = (name: string, labels: Record<string, string> = {}) => ({ metadata: { name, labels } })
const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

async function as(user: string, method: string, path: string, body?: object, type?: string) {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': type ?? 'application/json', 'x-user': user },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as { message?: string; metadata?: { uid?: string } }
  return { status: response.status, message: answer.message, body: answer }
}

async function uidOf(path: string): Promise<string> {
  const { body } = await as('admin', 'GET', path)
  return body.metadata!.uid!
}

const mirror = { 'kubernetes.io/config.mirror': 'x' }
const owner = (more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  name: 'a',
  uid: 'none',
  controller: true,
  ...more,
})

describe('pods of a kubelet', () => {
  test.for<[string, object, string]>([
    [
      'no mirror pod',
      pod('m', { nodeName: 'a' }),
      'pod does not have "kubernetes.io/config.mirror" annotation, ' +
        'node "a" can only create mirror pods',
    ],
    [
      'of another node',
      pod('m', { nodeName: 'b' }, { annotations: mirror }),
      'node "a" can only create pods with spec.nodeName set to itself',
    ],
    [
      'without an owner',
      pod('m', { nodeName: 'a' }, { annotations: mirror }),
      'node "a" can only create pods with an owner reference set to itself',
    ],
    [
      'with two owners',
      pod(
        'm',
        { nodeName: 'a' },
        {
          annotations: mirror,
          ownerReferences: [owner(), owner({ uid: 'other', controller: false })],
        },
      ),
      'node "a" can only create pods with a single owner reference set to itself',
    ],
    [
      'whose owner is no controller',
      pod(
        'm',
        { nodeName: 'a' },
        {
          annotations: mirror,
          ownerReferences: [owner({ controller: false })],
        },
      ),
      'node "a" can only create pods with a controller owner reference set to itself',
    ],
  ])('%s: refused', async ([, body, why]) => {
    const { status, message } = await as(kubelet, 'POST', pods, body)
    expect([status, message]).toEqual([403, `pods "m" is forbidden: ${why}`])
  })

  test('a mirror pod that its node owns is fine, unless it leans on the API', async () => {
    const uid = await uidOf('/api/v1/nodes/a')
    const metadata = { annotations: mirror, ownerReferences: [owner({ uid })] }
    const leaning = {
      nodeName: 'a',
      volumes: [{ name: 'v', configMap: { name: 'm' } }],
    }
    const refused = await as(kubelet, 'POST', pods, pod('m', leaning, metadata))
    expect(refused.message).toBe(
      'pods "m" is forbidden: node "a" can not create pods that reference configmaps',
    )
    const made = await as(kubelet, 'POST', pods, pod('m', { nodeName: 'a' }, metadata))
    expect(made.status).toBe(201)
  })

  test('are reported on and ended by it alone', async () => {
    const status = { status: { phase: 'Running' } }
    const reported = await as(kubelet, 'PATCH', `${pods}/mine/status`, status, merge)
    expect(reported.status).toBe(200)
    const other = await as(kubelet, 'PATCH', `${pods}/theirs/status`, status, merge)
    expect(other.message).toBe(
      'pods "theirs" is forbidden: node "a" can only update pod status ' +
        'for pods with spec.nodeName set to itself',
    )
    const labels = { metadata: { labels: { a: 'b' } } }
    const labelled = await as(kubelet, 'PATCH', `${pods}/mine/status`, labels, merge)
    expect(labelled.message).toBe(
      'pods "mine" is forbidden: node "a" cannot update labels through pod status',
    )
    const removed = await as(kubelet, 'DELETE', `${pods}/theirs`)
    expect(removed.message).toBe(
      'pods "theirs" is forbidden: node "a" can only delete pods with spec.nodeName set to itself',
    )
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'theirs' } }
    const evicted = await as(kubelet, 'POST', `${pods}/theirs/eviction`, eviction)
    expect(evicted.message).toBe(
      'pods "theirs" is forbidden: node a can only evict pods with spec.nodeName set to itself',
    )
    expect((await as(kubelet, 'PATCH', `${pods}/mine`, labels, merge)).message).toBe(
      'pods "mine" is forbidden: unexpected operation "UPDATE", ' +
        'node "a" can only create and delete mirror pods',
    )
  })
})

describe('other objects of a kubelet', () => {
  test('it changes its own Node, but not what draws pods to it', async () => {
    const path = '/api/v1/nodes/a'
    const label = (key: string) => ({ metadata: { labels: { [key]: 'x' } } })
    const wellKnown = 'topology.kubernetes.io/zone'
    expect((await as(kubelet, 'PATCH', path, label(wellKnown), merge)).status).toBe(200)
    const own = 'kubelet.kubernetes.io/mine'
    expect((await as(kubelet, 'PATCH', path, label(own), merge)).status).toBe(200)
    expect((await as(kubelet, 'PATCH', path, label('example.com/x'), merge)).status).toBe(200)
    for (const key of ['node-restriction.kubernetes.io/x', 'kubernetes.io/role']) {
      expect((await as(kubelet, 'PATCH', path, label(key), merge)).message).toBe(
        `nodes "a" is forbidden: is not allowed to modify labels: ${key}`,
      )
    }
    const taints = { spec: { taints: [] } }
    expect((await as(kubelet, 'PATCH', path, taints, merge)).message).toBe(
      'nodes "a" is forbidden: node "a" is not allowed to modify taints',
    )
    expect((await as(kubelet, 'PATCH', '/api/v1/nodes/b', taints, merge)).message).toBe(
      'nodes "b" is forbidden: node "a" is not allowed to modify node "b"',
    )
    const labels = { 'node-restriction.kubernetes.io/x': 'y' }
    const made = await as('system:node:c', 'POST', '/api/v1/nodes', node('c', labels))
    expect(made.message).toBe(
      'nodes "c" is forbidden: node "c" is not allowed to set the following labels: ' +
        'node-restriction.kubernetes.io/x',
    )
  })

  test('leases are its own', async () => {
    const leases = (space: string) => `/apis/coordination.k8s.io/v1/namespaces/${space}/leases`
    const lease = (name: string) => ({ metadata: { name }, spec: {} })
    const home = leases('kube-node-lease')
    expect((await as(kubelet, 'POST', home, lease('a'))).status).toBe(201)
    expect((await as(kubelet, 'POST', home, lease('b'))).message).toBe(
      'leases.coordination.k8s.io "b" is forbidden: can only access node lease ' +
        'with the same name as the requesting node',
    )
    expect((await as(kubelet, 'POST', leases('default'), lease('a'))).message).toBe(
      'leases.coordination.k8s.io "a" is forbidden: can only access leases in the ' +
        '"kube-node-lease" system namespace',
    )
  })

  test('tokens are those of its pods', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await as('admin', 'POST', accounts, { metadata: { name: 'default' } })
    const ask = async (name: string, uid: string | undefined, audiences: string[] = []) => {
      const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name, ...(uid && { uid }) }
      const body = { spec: { audiences, boundObjectRef } }
      const { status, message } = await as(kubelet, 'POST', `${accounts}/default/token`, body)
      return message ?? status
    }
    const said = 'serviceaccounts "default" is forbidden: '
    const mine = await uidOf(`${pods}/mine`)
    expect(await ask('mine', undefined)).toBe(
      `${said}node requested token with a pod binding without a uid`,
    )
    expect(await ask('theirs', await uidOf(`${pods}/theirs`))).toBe(
      `${said}node requested token bound to a pod scheduled on a different node`,
    )
    expect(await ask('mine', mine, ['x', 'y'])).toBe(
      `${said}node may only request 0 or 1 audiences`,
    )
    mayAct = (info) => !info.isResource || info.resource !== 'x'
    expect(await ask('mine', mine, ['x'])).toBe(`${said}audience "x" not found in pod spec volume`)
    mayAct = () => true
  })
})

describe('requests for certificates', () => {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  /** For one of system:masters; made with openssl. */
  const request = Buffer.from(
    '-----BEGIN CERTIFICATE REQUEST-----\n' +
      'MIHgMIGHAgEAMCUxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQowCAYDVQQDDAFhMFkwEwYHKoZIzj0CAQYI' +
      'KoZIzj0DAQcDQgAEwV8aIPOPaNwGgvJKiLwMUg2TdFCxxagpXKIbe8uG2hoTEBQABiWjgMySWqLmANznLhcT' +
      'Lzk60TUKSIdtbtuBrqAAMAoGCCqGSM49BAMCA0gAMEUCIQCESyEX6gYV8Fh0Y2iBVCRVdFKyC6hX3IRf9n7O' +
      'TBk7egIgF3uFVx+Di2LTPVTmmPyIzWmOWqcQ+EABfYOk00Lo4tk=\n' +
      '-----END CERTIFICATE REQUEST-----\n',
  ).toString('base64')
  const wanted = (name: string, signerName: string) => ({
    metadata: { name },
    spec: { request, signerName, usages: ['client auth'] },
  })

  test('nobody becomes a master', async () => {
    const signer = 'kubernetes.io/kube-apiserver-client'
    expect((await as('admin', 'POST', path, wanted('m', signer))).message).toBe(
      'certificatesigningrequests.certificates.k8s.io "m" is forbidden: ' +
        `use of ${signer} signer with system:masters group is not allowed`,
    )
  })

  test('who approves and who signs must be allowed to for the signer, or for its domain', async () => {
    await as('admin', 'POST', path, wanted('r', 'example.com/x'))
    const approval = {
      status: { conditions: [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }] },
    }
    const asked: string[] = []
    mayAct = (info) => {
      if (!info.isResource || info.resource !== 'signers') return true
      asked.push(`${info.verb} ${info.name}`)
      return false
    }
    const said = 'certificatesigningrequests.certificates.k8s.io "r" is forbidden: '
    const denied = await as('admin', 'PATCH', `${path}/r/approval`, approval, merge)
    expect(denied.message).toBe(
      `${said}user not permitted to approve requests with signerName "example.com/x"`,
    )
    const signed = await as('admin', 'PATCH', `${path}/r/status`, approval, merge)
    expect(signed.status).toBe(422)
    const failed = {
      status: { conditions: [{ type: 'Failed', status: 'True', reason: 'r', message: 'm' }] },
    }
    expect((await as('admin', 'PATCH', `${path}/r/status`, failed, merge)).message).toBe(
      `${said}user not permitted to sign requests with signerName "example.com/x"`,
    )
    expect(asked).toEqual([
      'approve example.com/x',
      'approve example.com/*',
      'sign example.com/x',
      'sign example.com/*',
    ])
    mayAct = (info) => !info.isResource || info.resource !== 'signers' || info.name.endsWith('*')
    expect((await as('admin', 'PATCH', `${path}/r/approval`, approval, merge)).status).toBe(200)
    mayAct = () => true
  })
})

describe('owners', () => {
  const maps = '/api/v1/namespaces/default/configmaps'
  const owned = (name: string, reference: object) => ({
    metadata: { name, ownerReferences: [{ uid: 'u', name: 'o', ...reference }] },
  })

  test('are named by those who may delete the object', async () => {
    mayAct = (info) => !info.isResource || info.verb !== ('delete' as string)
    const body = owned('a', { apiVersion: 'v1', kind: 'Pod' })
    expect((await as('admin', 'POST', maps, body)).message).toBe(
      'configmaps "a" is forbidden: ' +
        "cannot set an ownerRef on a resource you can't delete: because, <nil>",
    )
    expect((await as('admin', 'POST', maps, { metadata: { name: 'a' } })).status).toBe(201)
    mayAct = () => true
  })

  test('are held back by those who may finish them', async () => {
    mayAct = (info) => !info.isResource || info.subresource !== 'finalizers'
    const body = owned('b', { apiVersion: 'apps/v1', kind: 'Deployment', blockOwnerDeletion: true })
    expect((await as('admin', 'POST', maps, body)).message).toBe(
      'configmaps "b" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers ' +
        "to a resource you can't set finalizers on: because, <nil>",
    )
    mayAct = () => true
    const unknown = owned('b', { apiVersion: 'x/v1', kind: 'Y', blockOwnerDeletion: true })
    expect((await as('admin', 'POST', maps, unknown)).message).toBe(
      'configmaps "b" is forbidden: cannot set blockOwnerDeletion in this case because cannot ' +
        'find RESTMapping for APIVersion x/v1 Kind Y: no matches for kind "Y" in version "x/v1"',
    )
    expect((await as('admin', 'POST', maps, body)).status).toBe(201)
  })
})

describe('volumes of a kubelet', () => {
  const volumes = '/api/v1/persistentvolumes'
  const finalizers = ['nanokube.io/local-path', 'example.com/other']
  const volume = (name: string, nodeName: string) => ({
    metadata: { name, finalizers, labels: { 'nanokube.io/local-path-node': nodeName } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/data' },
    },
  })
  const others = { finalizers: ['example.com/other', 'kubernetes.io/pv-protection'] }

  test('lose its finalizer when they are going, and nothing else is changed', async () => {
    const path = `${volumes}/own`
    const patch = (metadata: object) => as(kubelet, 'PATCH', path, { metadata }, merge)
    await as('admin', 'POST', volumes, volume('own', 'a'))
    const early = await patch(others)
    expect(early.status).toBe(403)
    await as('admin', 'DELETE', path)
    expect((await patch({ finalizers: null })).message).toContain('not allowed to do more than')
    expect((await patch({ ...others, labels: { a: 'b' } })).status).toBe(403)
    expect((await patch(others)).status).toBe(200)
  })

  test('of another node stay as they are', async () => {
    await as('admin', 'POST', volumes, volume('foreign', 'b'))
    await as('admin', 'DELETE', `${volumes}/foreign`)
    const answer = await as(kubelet, 'PATCH', `${volumes}/foreign`, { metadata: others }, merge)
    expect(answer.message).toContain('can only update persistent volumes of its own directories')
  })
})
