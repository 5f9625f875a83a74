/** What admission adds to the creation of a pod, and what a quota costs when many ask at once. */
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Attributes } from '#apiserver/admission/admission.ts'
import type { ApiObject } from '#apiserver/stored-object.ts'
import { startTestServer, type TestServer } from '#test/api-server.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'

const user = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
const posted = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'registry.example.com/web:1',
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      },
    ],
  },
}
const CREATES = 4_000
const IN_FLIGHT = 100

async function withServer<T>(use: (server: TestServer) => Promise<T>): Promise<T> {
  await using server = await startTestServer({ settings: { admission: {} } })
  await post(server, 'serviceaccounts', { metadata: { name: 'default' } })
  return await use(server)
}

async function post(server: TestServer, plural: string, body: object): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/namespaces/default/${plural}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (response.status !== 201) throw new Error(`create: ${response.status} ${text}`)
}

/** The plugins that change a pod change it anew in each round. */
function admitting({ parts }: TestServer): () => Promise<void> {
  const resource = parts.resources.find('', 'v1', 'pods')!
  const given = applyDefaults(Pod.schema, decode(Pod.schema, posted)) as unknown as ApiObject
  return async () => {
    const attributes: Attributes = {
      operation: 'CREATE',
      resource,
      subresource: '',
      namespace: 'default',
      name: 'p',
      object: structuredClone(given),
      user,
      dryRun: false,
      warnings: [],
    }
    const admitted = await parts.admission.admit(attributes)
    admitted.confirm()
  }
}

const copying = (): (() => ApiObject) => {
  const given = applyDefaults(Pod.schema, decode(Pod.schema, posted)) as unknown as ApiObject
  return () => structuredClone(given)
}

/** Without the copy that each round begins with. */
async function microsecondsOfAdmission(): Promise<number> {
  const whole = await withServer((server) => nanosecondsPerCall(admitting(server)))
  const copy = await nanosecondsPerCall(copying())
  return (whole - copy) / 1000
}

async function createsPerSecond(isBounded: boolean): Promise<number> {
  return await withServer(async (server) => {
    const hard = { configmaps: String(CREATES) }
    if (isBounded) {
      await post(server, 'resourcequotas', { metadata: { name: 'q' }, spec: { hard } })
      await statusOf(server, { hard, used: { configmaps: '0' } })
    }
    let next = 0
    const begunAt = performance.now()
    const worker = async (): Promise<void> => {
      while (next < CREATES) await post(server, 'configmaps', named(next++))
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
    return CREATES / ((performance.now() - begunAt) / 1000)
  })
}

const named = (at: number) => ({ metadata: { name: `m${at}` } })

async function statusOf(server: TestServer, status: object): Promise<void> {
  const path = '/api/v1/namespaces/default/resourcequotas/q/status'
  const response = await fetch(server.url + path, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ status }),
  })
  if (response.status !== 200) throw new Error(`patch: ${response.status}`)
}

export const benches: readonly Bench[] = [
  {
    name: 'admission: all plugins, one new pod',
    unit: 'us',
    better: 'lower',
    against: { name: 'the goal', figure: 25 },
    measure: microsecondsOfAdmission,
  },
  {
    name: 'admission: creates under one quota, 100 at once',
    unit: '/s',
    better: 'higher',
    against: { name: 'without a quota', figure: () => createsPerSecond(false) },
    measure: () => createsPerSecond(true),
  },
]
