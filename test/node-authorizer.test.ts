/** What kubelets may see and change: a table of requests of one node, about itself and another. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NodeAuthorizer } from '#apiserver/auth/node/node-authorizer.ts'
import { NodeGraph } from '#apiserver/auth/node/node-graph.ts'
import { requestInfo } from '#apiserver/request-info.ts'
import { startTestServer, type TestServer } from './api-server.ts'

let server: TestServer
let graph: NodeGraph
beforeAll(async () => {
  server = await startTestServer()
  graph = new NodeGraph(server.parts.store, server.parts.resources)
  await put('pods', 'space', 'mine', { spec: podSpec('me', 'mine') })
  await put('pods', 'space', 'yours', { spec: podSpec('you', 'yours') })
  await put('pods', 'space', 'waiting', { spec: { ...podSpec('', 'waiting') } })
  await put('pods', 'space', 'mirror', {
    metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } },
    spec: podSpec('me', 'mirrored'),
  })
  for (const whose of ['mine', 'yours']) {
    await put('persistentvolumeclaims', 'space', whose, { spec: { volumeName: `volume-${whose}` } })
    await put('persistentvolumes', '', `volume-${whose}`, {
      spec: {
        claimRef: { namespace: 'space', name: whose },
        csi: {
          driver: 'example.com',
          volumeHandle: 'x',
          nodeStageSecretRef: { name: `stage-${whose}`, namespace: 'storage' },
          controllerPublishSecretRef: { name: `controller-${whose}`, namespace: 'storage' },
        },
      },
    })
  }
  for (const [name, node] of [
    ['kept-mine', 'me'],
    ['kept-yours', 'you'],
  ] as const) {
    const metadata = { labels: { 'nanokube.io/local-path-node': node } }
    await put('persistentvolumes', '', name, { metadata, spec: {} })
  }
  await put('volumeattachments', '', 'mine', { spec: { nodeName: 'me' } }, 'storage.k8s.io')
  await put('volumeattachments', '', 'yours', { spec: { nodeName: 'you' } }, 'storage.k8s.io')
  await put('resourceslices', '', 'mine', { spec: { nodeName: 'me' } }, 'resource.k8s.io')
  await put('resourceslices', '', 'yours', { spec: { nodeName: 'you' } }, 'resource.k8s.io')
})
afterAll(async () => {
  graph[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

/** A pod that refers to one object of each kind by the same name. */
const podSpec = (nodeName: string, name: string) => ({
  ...(nodeName && { nodeName }),
  serviceAccountName: name,
  imagePullSecrets: [{ name: `pull-${name}` }],
  resourceClaims: [{ name: 'gpu', resourceClaimName: name }],
  containers: [
    {
      name: 'main',
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: `env-${name}`, key: 'a' } } }],
      envFrom: [{ secretRef: { name: `from-${name}` } }],
    },
  ],
  volumes: [
    { name: 'secret', secret: { secretName: name } },
    { name: 'config', configMap: { name } },
    { name: 'claim', persistentVolumeClaim: { claimName: name } },
    { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } },
  ],
})

async function put(
  plural: string,
  namespace: string,
  name: string,
  { metadata = {}, ...fields }: { readonly metadata?: object; readonly spec: object },
  group = '',
): Promise<void> {
  const { store, resources } = server.parts
  const resource = resources.find(group, 'v1', plural)!
  const { kind, apiVersion } = resource.kind
  const meta = { name, ...(namespace && { namespace }), ...metadata }
  const object = { kind, apiVersion, metadata: meta, status: {}, ...fields }
  const draft = resource.draft(object as never)
  await store.modify(draft.key, () => draft)
}

const methods: Readonly<Record<string, string>> = {
  get: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
}

/** The verdict about a request of node "me": `true`, or the reason against it. */
function ask(verb: string, path: string, user = 'system:node:me', group = 'system:nodes') {
  const info = requestInfo(methods[verb]!, path)
  const { allowed, reason } = new NodeAuthorizer(graph).authorize(
    { name: user, groups: [group, 'system:authenticated'] },
    info,
  )
  return allowed || (reason ?? false)
}

const core = '/api/v1/namespaces/space'
const kept = 'nanokube.io/local-path-node'
const individual = 'can only get individual resources of this type'
const unrelated = "no relationship found between node 'me' and this object"

describe('a node', () => {
  test.for<[string, string, true | false | string]>([
    ['get', `${core}/secrets/mine`, true],
    ['get', `${core}/secrets/pull-mine`, true],
    ['get', `${core}/secrets/from-mine`, true],
    ['get', `${core}/secrets/yours`, unrelated],
    ['get', `${core}/secrets/waiting`, unrelated],
    ['get', `${core}/secrets/mirrored`, unrelated],
    ['get', `${core}/secrets/none`, unrelated],
    ['get', '/api/v1/namespaces/other/secrets/mine', unrelated],
    ['get', '/api/v1/namespaces/storage/secrets/stage-mine', true],
    ['get', '/api/v1/namespaces/storage/secrets/stage-yours', unrelated],
    ['get', '/api/v1/namespaces/storage/secrets/controller-mine', unrelated],
    ['get', `${core}/secrets`, 'No Object name found'],
    ['get', '/api/v1/secrets', 'can only read namespaced object of this type'],
    ['update', `${core}/secrets/mine`, 'can only read resources of this type'],
    ['create', `${core}/secrets`, 'can only read resources of this type'],
    ['get', `${core}/configmaps/mine`, true],
    ['get', `${core}/configmaps/env-mine`, true],
    ['get', `${core}/configmaps/yours`, unrelated],
    ['delete', `${core}/configmaps/mine`, 'can only read resources of this type'],
    ['get', `${core}/persistentvolumeclaims/mine`, true],
    ['get', `${core}/persistentvolumeclaims/mine-scratch`, true],
    ['get', `${core}/persistentvolumeclaims/yours`, unrelated],
    ['get', `${core}/persistentvolumeclaims`, individual],
    ['patch', `${core}/persistentvolumeclaims/mine/status`, true],
    ['patch', `${core}/persistentvolumeclaims/yours/status`, unrelated],
    ['get', `${core}/persistentvolumeclaims/mine/status`, 'can only get/update/patch this type'],
    ['get', '/api/v1/persistentvolumes/volume-mine', true],
    ['get', '/api/v1/persistentvolumes/volume-yours', unrelated],
    ['get', '/api/v1/persistentvolumes/none', unrelated],
    ['get', '/api/v1/persistentvolumes/kept-mine', true],
    ['patch', '/api/v1/persistentvolumes/kept-mine', true],
    ['patch', '/api/v1/persistentvolumes/kept-yours', unrelated],
    ['patch', '/api/v1/persistentvolumes/volume-mine', unrelated],
    ['delete', '/api/v1/persistentvolumes/kept-mine', individual],
    ['get', '/api/v1/persistentvolumes', individual],
    ['get', `/api/v1/persistentvolumes?labelSelector=${kept}%3Dme`, true],
    ['get', `/api/v1/persistentvolumes?labelSelector=${kept}%3Dyou`, individual],
    ['get', `/api/v1/persistentvolumes?labelSelector=${kept}%20in%20(me,you)`, individual],
    ['get', '/apis/resource.k8s.io/v1/namespaces/space/resourceclaims/mine', true],
    ['get', '/apis/resource.k8s.io/v1/namespaces/space/resourceclaims/yours', unrelated],
    ['get', '/apis/storage.k8s.io/v1/volumeattachments/mine', true],
    ['get', '/apis/storage.k8s.io/v1/volumeattachments/yours', unrelated],
    ['get', '/apis/resource.k8s.io/v1/resourceslices/mine', true],
    ['delete', '/apis/resource.k8s.io/v1/resourceslices/yours', unrelated],
    ['create', '/apis/resource.k8s.io/v1/resourceslices', true],
    ['get', '/apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.nodeName%3Dme', true],
    [
      'get',
      '/apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.nodeName%3Dyou',
      'can only list/watch/deletecollection resourceslices with nodeName field selector',
    ],
    ['create', `${core}/serviceaccounts/mine/token`, true],
    ['create', `${core}/serviceaccounts/yours/token`, unrelated],
    ['get', `${core}/serviceaccounts/mine`, true],
    ['get', `${core}/serviceaccounts/yours`, unrelated],
    ['create', `${core}/serviceaccounts`, 'can only create tokens for individual service accounts'],
    ['get', '/api/v1/nodes/me', true],
    ['get', '/api/v1/nodes/you', "node 'me' cannot read 'you', only its own Node object"],
    ['get', '/api/v1/nodes', "node 'me' cannot read all nodes, only its own Node object"],
    ['create', '/api/v1/nodes', true],
    ['patch', '/api/v1/nodes/me/status', true],
    ['delete', '/api/v1/nodes/me', false],
    ['get', '/api/v1/nodes/me/proxy', false],
    ['get', '/api/v1/pods?fieldSelector=spec.nodeName%3Dme', true],
    ['get', '/api/v1/pods?fieldSelector=spec.nodeName%3D%3Dme&watch=1', true],
    [
      'get',
      '/api/v1/pods?fieldSelector=spec.nodeName!%3Dme',
      'can only list/watch pods with spec.nodeName field selector',
    ],
    [
      'get',
      '/api/v1/pods?fieldSelector=%25',
      'can only list/watch pods with spec.nodeName field selector',
    ],
    ['get', '/api/v1/pods', 'can only list/watch pods with spec.nodeName field selector'],
    ['get', `${core}/pods/mine`, true],
    ['get', `${core}/pods/mirror`, true],
    ['get', `${core}/pods/yours`, unrelated],
    ['create', `${core}/pods`, true],
    ['delete', `${core}/pods/yours`, true],
    ['update', `${core}/pods/mine`, false],
    ['patch', `${core}/pods/mine/status`, true],
    ['create', `${core}/pods/mine/eviction`, true],
    ['create', `${core}/pods/mine/exec`, false],
    ['get', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/me', true],
    [
      'get',
      '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/you',
      'can only access node lease with the same name as the requesting node',
    ],
    [
      'get',
      '/apis/coordination.k8s.io/v1/namespaces/space/leases/me',
      'can only access leases in the "kube-node-lease" system namespace',
    ],
    [
      'get',
      '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
      'can only get, create, update, patch, or delete a node lease',
    ],
    ['get', '/apis/storage.k8s.io/v1/csinodes/me', true],
    [
      'get',
      '/apis/storage.k8s.io/v1/csinodes/you',
      'can only access CSINode with the same name as the requesting node',
    ],
    ['get', '/api/v1/services', true],
    ['create', `${core}/services`, false],
    ['create', '/apis/certificates.k8s.io/v1/certificatesigningrequests', true],
    ['create', `${core}/events`, true],
    ['get', '/apis/apps/v1/deployments', false],
    ['get', '/metrics', false],
  ])('%s %s: %s', ([verb, path, verdict]) => {
    expect(ask(verb, path)).toBe(verdict)
  })

  test('is who the certificate says, and in the group of nodes', () => {
    const path = `${core}/secrets/mine`
    expect(ask('get', path, 'system:node:me', 'system:masters')).toBe(false)
    expect(ask('get', path, 'me')).toBe(false)
    expect(ask('get', path, 'system:node:')).toBe('unknown node for user "system:node:"')
  })

  test('loses what a pod referred to with the pod, and gains it with another', async () => {
    const { store, resources } = server.parts
    const key = resources.find('', 'v1', 'pods')!.keyOf('space', 'passing')
    const path = `${core}/secrets/passing`
    await put('pods', 'space', 'passing', { spec: podSpec('', 'passing') })
    expect(ask('get', path)).toBe(unrelated)
    await put('pods', 'space', 'passing', { spec: podSpec('me', 'passing') })
    expect(ask('get', path)).toBe(true)
    await store.delete(key)
    expect(ask('get', path)).toBe(unrelated)
    await put('pods', 'space', 'passing', { spec: podSpec('me', 'others') })
    expect(ask('get', path)).toBe(unrelated)
    expect(ask('get', `${core}/secrets/others`)).toBe(true)
  })

  test('sees what an ephemeral container adds', async () => {
    const spec = podSpec('me', 'debugged')
    await put('pods', 'space', 'debugged', { spec })
    expect(ask('get', `${core}/secrets/late`)).toBe(unrelated)
    const ephemeralContainers = [{ name: 'debug', envFrom: [{ secretRef: { name: 'late' } }] }]
    await put('pods', 'space', 'debugged', { spec: { ...spec, ephemeralContainers } as object })
    expect(ask('get', `${core}/secrets/late`)).toBe(true)
  })

  test('sees the claims that were made for its pod', async () => {
    const claims = '/apis/resource.k8s.io/v1/namespaces/space/resourceclaims'
    const spec = { ...podSpec('me', 'templated'), resourceClaims: [{ name: 'gpu' }] }
    await put('pods', 'space', 'templated', { spec })
    expect(ask('get', `${claims}/made`)).toBe(unrelated)
    const resourceClaimStatuses = [{ name: 'gpu', resourceClaimName: 'made' }]
    await put('pods', 'space', 'templated', { spec, status: { resourceClaimStatuses } } as never)
    expect(ask('get', `${claims}/made`)).toBe(true)
  })
})
