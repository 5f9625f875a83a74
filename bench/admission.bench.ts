/** What admission adds to the creation of a pod, and what a quota costs when many ask at once. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import type { Attributes } from '#apiserver/admission/admission.ts'
import { openAdmission } from '#apiserver/admission/open-admission.ts'
import { builtInResources } from '#apiserver/built-in-resources.ts'
import type { Resource } from '#apiserver/resources.ts'
import { systemDisk } from '#apiserver/store/file/disk.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import type { Store } from '#apiserver/store/store.ts'
import type { ApiObject } from '#apiserver/stored-object.ts'
import { systemClock } from '#daemon/clock.ts'
import { createLog } from '#daemon/log.ts'
import { systemRandom } from '#daemon/random.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'

const NAMESPACE = 'default'
const CHARGES = 20_000
const IN_FLIGHT = 100

const container = {
  name: 'c',
  image: 'registry.example.com/web:1',
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
}
const wantedPod = {
  metadata: { name: 'p', namespace: NAMESPACE, labels: { app: 'web' } },
  spec: { containers: [container] },
}
const grants = { configmaps: String(CHARGES) }
const standing = {
  namespaces: { metadata: { name: NAMESPACE } },
  serviceaccounts: { metadata: { name: 'default', namespace: NAMESPACE } },
  resourcequotas: {
    metadata: { name: 'q', namespace: NAMESPACE },
    spec: { hard: grants },
    status: { hard: grants, used: { configmaps: '0' } },
  },
}

type Admit = (plural: string, object: ApiObject) => Promise<void>

async function withAdmission<T>(use: (admit: Admit) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-bench-'))
  try {
    const shared = { clock: systemClock, random: systemRandom }
    await using store = await openFileStore({ ...shared, directory, disk: systemDisk, warn() {} })
    const resources = builtInResources()
    const authorizer = { authorize: () => ({ allowed: true }) }
    using opened = openAdmission({ ...shared, store, resources, authorizer, log })
    const named = (plural: string): Resource => resources.find('', 'v1', plural)!
    await keep(store, named)
    return await use(async (plural, object) => {
      const admitted = await opened.admission.admit(attributesOf(named(plural), object))
      admitted.confirm()
    })
  } finally {
    await rm(directory, { recursive: true })
  }
}

const log = createLog({
  service: 'bench',
  level: 'error',
  format: 'json',
  colours: false,
  clock: systemClock,
  sink: process.stderr,
})

async function keep(store: Store, named: (plural: string) => Resource): Promise<void> {
  for (const [plural, given] of Object.entries(standing)) {
    const resource = named(plural)
    await store.create(resource.draft(objectOf(resource, given)))
  }
}

const objectOf = ({ kind }: Resource, given: object): ApiObject =>
  applyDefaults(
    kind.schema,
    decode(kind.schema, { kind: kind.kind, apiVersion: kind.apiVersion, ...given }),
  ) as unknown as ApiObject

const attributesOf = (resource: Resource, object: ApiObject): Attributes => ({
  operation: 'CREATE',
  resource,
  subresource: '',
  namespace: NAMESPACE,
  name: object.metadata.name,
  object,
  user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
  dryRun: false,
  warnings: [],
})

/** Plugins change the pod, so each round begins with a copy, which is not what is measured. */
async function microsecondsPerPod(): Promise<number> {
  const pod = objectOf(builtInResources().find('', 'v1', 'pods')!, wantedPod)
  const whole = await withAdmission((admit) =>
    nanosecondsPerCall(() => admit('pods', structuredClone(pod))),
  )
  const copy = await nanosecondsPerCall(() => structuredClone(pod))
  return (whole - copy) / 1000
}

/** Side by side in one namespace; each charge is in the store before its object would be. */
async function chargesPerSecond(): Promise<number> {
  const map = objectOf(builtInResources().find('', 'v1', 'configmaps')!, {
    metadata: { name: 'm', namespace: NAMESPACE },
  })
  return await withAdmission(async (admit) => {
    let left = CHARGES
    const begunAt = performance.now()
    const worker = async (): Promise<void> => {
      while (left-- > 0) await admit('configmaps', map)
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
    return CHARGES / ((performance.now() - begunAt) / 1000)
  })
}

export const benches: readonly Bench[] = [
  {
    name: 'admission: all plugins, one new pod',
    unit: 'us',
    better: 'lower',
    against: { name: 'the goal', figure: 25 },
    measure: microsecondsPerPod,
  },
  {
    name: 'admission: charges to one quota, 100 at once',
    unit: '/s',
    better: 'higher',
    against: { name: 'the goal for creates', figure: 9_440 },
    measure: chargesPerSecond,
  },
]
