/** Nodes from joining to vanishing, with controllers that may do what those of upstream may. */
import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Endpoints } from '#api/kinds/core/endpoints.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { ClusterRoleBinding } from '#api/kinds/rbac/cluster-role-binding.ts'
import { issueAuthority, newKey } from '#api/rules/certificate.ts'
import { epochToTime } from '#api/time.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { certificateRequest } from '#test/certificate-requests.ts'
import { type RoleScene, startWithRoles } from '#test/role-scene.ts'
import { report } from '#test/workloads.ts'
import { blockRanges } from './controllers/node-ipam-ranges.ts'
import { usualRates } from './controllers/node-zones.ts'
import { type ControllerSettings, controllers } from './controllers.ts'

const YEAR_MS = 365 * 86_400_000
const from = Date.UTC(2030, 0, 1)
const key = newKey()
const validity = { notBefore: from - YEAR_MS, notAfter: from + 2 * YEAR_MS }
const serial = Buffer.from([1])
const authority = issueAuthority({ commonName: 'cluster', key, validity, serial })
const files = {
  certificate: authority.toString(),
  key: String(key.export({ type: 'pkcs8', format: 'pem' })),
}

const settings: ControllerSettings = {
  rootAuthorities: '',
  nodeLifecycle: {
    monitorGraceMs: 20_000,
    startupGraceMs: 20_000,
    monitorPeriodMs: 5000,
    rates: usualRates,
  },
  podGc: { terminatedPodsMax: 12_500 },
  nodeIpam: { ranges: blockRanges({ clusterCidrs: ['10.244.0.0/16'] }), serviceCidrs: [] },
  signing: { durationMs: YEAR_MS, authority: async () => files },
  mirroring: { perSubsetMax: 1000 },
}

const start = (...names: string[]): Promise<RoleScene> =>
  startWithRoles(
    controllers
      .filter(({ name }) => names.includes(name))
      .map(({ account, controller }) => {
        const made = typeof controller === 'function' ? (controller(settings) ?? []) : controller
        return { account, controllers: [made].flat() }
      }),
  )

async function heartbeat({ client, clock }: RoleScene, name: string): Promise<void> {
  const now = epochToTime(Math.floor(clock.now() / 1000))
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: now }]
  const patch = { status: { conditions } }
  await client.patch(Node, { name }, patch, { type: 'strategic', subresource: 'status' })
}

const podOn = ({ client }: RoleScene, nodeName: string, labels: Record<string, string> = {}) =>
  client.create(Pod, {
    metadata: { name: `on-${nodeName}`, labels },
    spec: {
      nodeName,
      containers: [{ name: 'main', image: 'i' }],
      tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }],
    },
  })

const nothingForbidden = ({ logged }: RoleScene): void => {
  expect(logged.filter((line) => /forbidden/i.test(line))).toEqual([])
}

test('a node gets addresses, falls silent, loses its pods, and vanishes', async () => {
  await using scene = await start(
    'node-ipam-controller',
    'node-lifecycle-controller',
    'pod-garbage-collector-controller',
    'taint-eviction-controller',
  )
  const { client } = scene
  for (const name of ['alive', 'silent']) {
    await client.create(Node, { metadata: { name } })
    await heartbeat(scene, name)
  }
  const pod = await podOn(scene, 'silent')
  await report(scene, pod)
  const silent = () => client.get(Node, { name: 'silent' })
  await scene.until(async () => Boolean((await silent()).spec.podCIDR))
  const beat = async () => heartbeat(scene, 'alive')
  await scene.until(async () => {
    await beat()
    return findCondition((await silent()).status.conditions, 'Ready')?.status === 'Unknown'
  })
  await scene.until(async () => {
    await beat()
    return Boolean((await client.get(Pod, pod)).metadata.deletionTimestamp)
  })
  const { status } = await client.get(Pod, pod)
  expect(findCondition(status.conditions, 'Ready')?.status).toBe('False')
  expect(findCondition(status.conditions, 'DisruptionTarget')?.reason).toBe(
    'DeletionByTaintManager',
  )
  await client.delete(Node, { name: 'silent' })
  await scene.until(async () => {
    await beat()
    return (await client.find(Pod, pod)) === undefined
  })
  const reasons = new Set((await client.list(Event)).map(({ reason }) => reason))
  expect([...reasons].toSorted()).toEqual([
    'NodeNotReady',
    'RegisteredNode',
    'RemovingNode',
    'TaintManagerEviction',
  ])
  nothingForbidden(scene)
})

const token = { id: 'abcdef', secret: '0123456789abcdef' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** As kubeadm prepares a cluster for nodes that join. */
async function allowJoining({ client }: RoleScene): Promise<void> {
  const expiration = epochToTime(Math.floor(from / 1000) + 300)
  const data = {
    'token-id': token.id,
    'token-secret': token.secret,
    'usage-bootstrap-signing': 'true',
    'usage-bootstrap-authentication': 'true',
    expiration,
  }
  await client.create(Secret, {
    metadata: { name: `bootstrap-token-${token.id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)])),
  })
  const info = { name: 'cluster-info', namespace: 'kube-public' }
  await client.create(ConfigMap, { metadata: info, data: { kubeconfig: 'how to reach us' } })
  for (const role of [
    'node-bootstrapper',
    'certificates.k8s.io:certificatesigningrequests:nodeclient',
  ]) {
    await client.create(ClusterRoleBinding, {
      metadata: { name: `joining:${role}` },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: `system:${role}`,
      },
      subjects: [
        { kind: 'Group', name: 'system:bootstrappers', apiGroup: 'rbac.authorization.k8s.io' },
      ],
    })
  }
}

test('who has a token becomes a node, for as long as the token lives', async () => {
  await using scene = await start(
    'bootstrap-signer-controller',
    'certificatesigningrequest-approving-controller',
    'certificatesigningrequest-cleaner-controller',
    'certificatesigningrequest-signing-controller',
    'token-cleaner-controller',
  )
  const { client, clock } = scene
  await allowJoining(scene)
  const info = { name: 'cluster-info', namespace: 'kube-public' }
  await scene.until(async () =>
    Boolean((await client.get(ConfigMap, info)).data?.[`jws-kubeconfig-${token.id}`]),
  )
  const credentials = {
    headers: async () => ({ authorization: `Bearer ${token.id}.${token.secret}` }),
    tls: async () => ({}),
    renew: async () => false,
  }
  const userAgent = 'kubelet'
  await using connection = new Connection({ server: scene.url, userAgent, clock, credentials })
  const joining = new Client({ connection })
  const { request } = certificateRequest({
    commonName: 'system:node:new',
    organizations: ['system:nodes'],
  })
  const csr = await joining.create(CertificateSigningRequest, {
    metadata: { generateName: 'node-csr-' },
    spec: {
      request,
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    },
  })
  expect(csr.spec.username).toBe('system:bootstrap:abcdef')
  await scene.until(async () =>
    Boolean((await joining.get(CertificateSigningRequest, csr)).status.certificate),
  )
  const { status } = await joining.get(CertificateSigningRequest, csr)
  const leaf = new X509Certificate(Buffer.from(status.certificate ?? '', 'base64'))
  expect(leaf.verify(authority.publicKey)).toBe(true)
  expect(leaf.subject).toBe('O=system:nodes\nCN=system:node:new')
  await scene.until(async () => (await client.list(Secret)).length === 0)
  await scene.until(
    async () => !(await client.get(ConfigMap, info)).data?.[`jws-kubeconfig-${token.id}`],
  )
  await expect(joining.get(CertificateSigningRequest, csr)).rejects.toThrow(/Unauthorized/)
  nothingForbidden(scene)
})

test('Endpoints and their mirrors', async () => {
  await using scene = await start('endpoints-controller', 'endpointslice-mirroring-controller')
  const { client } = scene
  await client.create(Node, { metadata: { name: 'n' } })
  const selector = { app: 'web' }
  await client.create(Service, {
    metadata: { name: 'web' },
    spec: { selector, ports: [{ port: 80 }] },
  })
  const pod = await podOn(scene, 'n', selector)
  await report(scene, pod)
  const address = { status: { podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }] } }
  await client.patch(Pod, pod, address, { type: 'strategic', subresource: 'status' })
  const web = { name: 'web', namespace: 'default' }
  await scene.until(async () => Boolean((await client.find(Endpoints, web))?.subsets?.length))
  await client.delete(Service, web)
  await scene.until(async () => (await client.find(Endpoints, web)) === undefined)
  await client.create(Service, { metadata: { name: 'db' }, spec: { ports: [{ port: 5432 }] } })
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432 }] }]
  await client.create(Endpoints, { metadata: { name: 'db' }, subsets } as never)
  const labelSelector = 'kubernetes.io/service-name=db'
  await scene.until(async () => (await client.list(EndpointSlice, { labelSelector })).length === 1)
  await client.patch(Endpoints, { name: 'db', namespace: 'default' }, { subsets: null })
  await scene.until(async () => (await client.list(EndpointSlice, { labelSelector })).length === 0)
  nothingForbidden(scene)
})
