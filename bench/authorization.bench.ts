/** What it takes to decide whether a request is allowed, in a cluster with many roles and pods. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultModes, openAuthorization } from '#apiserver/auth/authorization.ts'
import type { Authorizer } from '#apiserver/auth/authorizer.ts'
import { componentRoles } from '#apiserver/bootstrap/rbac/component-roles.ts'
import { userRoles } from '#apiserver/bootstrap/rbac/user-roles.ts'
import { builtInResources } from '#apiserver/built-in-resources.ts'
import type { User } from '#apiserver/request-context.ts'
import { requestInfo } from '#apiserver/request-info.ts'
import { systemDisk } from '#apiserver/store/file/disk.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import { systemClock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'

const NAMESPACES = 500
const PODS_OF_NODE = 110 // The last of them in the order of keys is pod-99.
const GROUP = 'rbac.authorization.k8s.io'

/** Everybody has the roles of all who are known; some people edit in each namespace. */
async function withCluster<T>(use: (authorizer: Authorizer) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-bench-'))
  try {
    const shared = { clock: systemClock, random: systemRandom }
    await using store = await openFileStore({ ...shared, directory, disk: systemDisk, warn() {} })
    const resources = builtInResources()
    const put = async (group: string, plural: string, metadata: object, fields: object) => {
      const resource = resources.find(group, 'v1', plural)!
      const { kind, apiVersion } = resource.kind
      await store.create(resource.draft({ kind, apiVersion, metadata, ...fields } as never))
    }
    const grant = (name: string, subject: object) =>
      put(GROUP, 'clusterrolebindings', { name }, { roleRef: role(name), subjects: [subject] })
    const role = (name: string) => ({ apiGroup: GROUP, kind: 'ClusterRole', name })
    const everybody = { kind: 'Group', name: 'system:authenticated' }
    await Promise.all(
      Object.entries({ ...componentRoles, ...userRoles }).map(async ([name, rules]) => {
        await put(GROUP, 'clusterroles', { name }, { rules })
        const isCommon = ['system:basic-user', 'system:discovery'].includes(name)
        await grant(name, isCommon ? everybody : { kind: 'User', name })
      }),
    )
    await Promise.all(
      Array.from({ length: NAMESPACES }, (_, index) =>
        put(
          GROUP,
          'rolebindings',
          { name: 'editors', namespace: `space-${index}` },
          { roleRef: role('edit'), subjects: [{ kind: 'User', name: `user-${index % 50}` }] },
        ),
      ),
    )
    await Promise.all(
      Array.from({ length: PODS_OF_NODE }, (_, index) =>
        put('', 'pods', { name: `pod-${index}`, namespace: 'space-1' }, pod(`secret-${index}`)),
      ),
    )
    using open = openAuthorization(defaultModes, { store, resources })
    return await use(open.authorizer)
  } finally {
    await rm(directory, { recursive: true })
  }
}

const pod = (secretName: string) => ({
  spec: { nodeName: 'node-1', containers: [], volumes: [{ name: 's', secret: { secretName } }] },
  status: {},
})

const measured = (user: User, method: string, path: string, isAllowed: boolean) =>
  withCluster(async (authorizer) => {
    const info = requestInfo(method, path)
    const { allowed } = await authorizer.authorize(user, info)
    if (allowed !== isAllowed) throw new Error(`${path}: allowed is ${allowed}, want ${isAllowed}`)
    return (await nanosecondsPerCall(() => authorizer.authorize(user, info))) / 1000
  })

const person = { name: 'user-7', groups: ['team', 'system:authenticated'] }
const kubelet = { name: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] }
const secrets = '/api/v1/namespaces/space-1/secrets'

const cases: readonly (readonly [string, User, string, string, boolean])[] = [
  ['a person may', person, 'POST', '/api/v1/namespaces/space-7/configmaps', true],
  ['a person may not', person, 'POST', '/api/v1/namespaces/space-8/configmaps', false],
  ['a node reads a secret of its pods', kubelet, 'GET', `${secrets}/secret-99`, true],
]

export const benches: readonly Bench[] = cases.map(([name, ...request]) => ({
  name: `authorization: ${name}`,
  unit: 'us',
  better: 'lower',
  against: { name: 'the goal', figure: 2 },
  measure: () => measured(...request),
}))
