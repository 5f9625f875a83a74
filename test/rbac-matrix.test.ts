/**
 * The access matrix: what each role of a fresh cluster permits, against a recording of upstream's
 * roles. Where newer releases changed them, the change is listed here.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PolicyRule } from '#api/parts/rbac/rules.ts'
import { RbacAuthorizer } from '#apiserver/auth/rbac/rbac-authorizer.ts'
import { RbacIndex } from '#apiserver/auth/rbac/rbac-index.ts'
import type { RequestInfo } from '#apiserver/request-info.ts'
import { startTestServer, type TestServer } from './api-server.ts'

interface Recorded {
  readonly name: string
  readonly namespace?: string
  readonly labels: Readonly<Record<string, string>>
  readonly rules: readonly PolicyRule[] | null
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[] | null
  readonly roleRef: { readonly kind: string; readonly name: string }
}

const recording = JSON.parse(
  readFileSync(new URL('fixtures/facts/rbac-bootstrap.json', import.meta.url), 'utf8'),
) as Readonly<Record<'clusterRoles' | 'clusterRoleBindings' | 'roles' | 'roleBindings', Recorded[]>>

const resources: Readonly<Record<string, readonly string[]>> = {
  '': [
    'pods',
    'pods/log',
    'pods/exec',
    'pods/status',
    'pods/binding',
    'services',
    'endpoints',
    'configmaps',
    'secrets',
    'serviceaccounts',
    'serviceaccounts/token',
    'persistentvolumeclaims',
    'persistentvolumes',
    'nodes',
    'nodes/proxy',
    'nodes/metrics',
    'namespaces',
    'events',
  ],
  apps: ['deployments', 'deployments/scale', 'deployments/status', 'statefulsets'],
  batch: ['jobs', 'cronjobs/status'],
  'rbac.authorization.k8s.io': ['roles', 'clusterroles'],
  'coordination.k8s.io': ['leases'],
  'authorization.k8s.io': ['subjectaccessreviews', 'localsubjectaccessreviews'],
  'authentication.k8s.io': ['selfsubjectreviews', 'tokenreviews'],
  'certificates.k8s.io': ['certificatesigningrequests', 'certificatesigningrequests/approval'],
  'example.com': ['widgets'],
}
const verbs = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'impersonate',
  'escalate',
]
const paths = ['/healthz', '/livez/ping', '/metrics', '/version', '/api', '/apis/apps/v1', '/logs/']

const query = new URLSearchParams()
const questions: ReadonlyMap<string, RequestInfo> = new Map([
  ...Object.entries(resources).flatMap(([group, names]) =>
    names.flatMap((name) =>
      verbs.map(
        (verb) => [`${verb} ${group}:${name}`, resourceRequest(verb, group, name)] as const,
      ),
    ),
  ),
  ...paths.map((path) => [`get ${path}`, { isResource: false, verb: 'get', path, query }] as const),
])

function resourceRequest(verb: string, group: string, text: string): RequestInfo {
  const [resource = '', subresource = ''] = text.split('/')
  const what = { group, version: 'v1', resource, subresource, namespace: '', name: 'one' }
  return { isResource: true, verb: verb as 'get', ...what, rest: '', path: '', query }
}

/** What rules say, in the plainest words: no index and no code of the server. */
function saysYes(rules: readonly PolicyRule[], info: RequestInfo): boolean {
  const matches = (texts: readonly string[] | undefined, ...wanted: string[]): boolean =>
    (texts ?? []).some((text) => text === '*' || wanted.includes(text))
  return rules.some((rule) => {
    if (!matches(rule.verbs, info.verb)) return false
    if (!info.isResource) {
      return (rule.nonResourceURLs ?? []).some((url) =>
        url.endsWith('*') ? info.path.startsWith(url.slice(0, -1)) : url === info.path,
      )
    }
    const { resource, subresource, name } = info
    const wanted = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource]
    const isNamed = !rule.resourceNames?.length || rule.resourceNames.includes(name)
    return isNamed && matches(rule.apiGroups, info.group) && matches(rule.resources, ...wanted)
  })
}

const rulesOf = (name: string): readonly PolicyRule[] => {
  const { rules, labels } = recording.clusterRoles.find((each) => each.name === name)!
  const own = rules ?? []
  // Aggregated roles were recorded before they were filled.
  const parts = { view: ['view'], edit: ['edit', 'view'], admin: ['admin', 'edit', 'view'] }[name]
  return labels && parts ? parts.flatMap((part) => rulesOf(`system:aggregate-to-${part}`)) : own
}

/** What changed between the recorded release and ours, as far as the questions show it. */
const changes: Readonly<Record<string, readonly string[]>> = {
  'admin edit system:aggregate-to-edit': verbs
    .slice(0, 7)
    .map((verb) => `+ ${verb} coordination.k8s.io:leases`),
  'system:basic-user': ['+ create authentication.k8s.io:selfsubjectreviews'],
  'system:kube-controller-manager': ['- create :endpoints'],
  'system:kube-scheduler': ['- create :endpoints'],
  'system:node': ['+ get :serviceaccounts'],
  'system:controller:cronjob-controller': ['+ watch :pods'],
  'system:controller:disruption-controller': ['+ patch :pods/status', '+ update :pods/status'],
  'system:controller:endpoint-controller': ['+ watch :endpoints'],
  'system:controller:expand-controller': ['- get :endpoints', '- get :secrets', '- get :services'],
  'system:controller:horizontal-pod-autoscaler': ['+ watch :pods'],
  'system:controller:node-controller': [
    '+ get :pods',
    '+ patch :pods/status',
    '+ watch :nodes',
    '+ watch :pods',
  ],
  'system:controller:persistent-volume-binder': [
    ...['create', 'delete', 'get', 'update'].map((verb) => `- ${verb} :endpoints`),
    '- get :nodes',
    '+ watch :nodes',
    '- get :secrets',
    ...['create', 'delete', 'get'].map((verb) => `- ${verb} :services`),
  ],
  'system:controller:pod-garbage-collector': ['+ watch :nodes', '+ patch :pods/status'],
  'system:controller:statefulset-controller': ['delete', 'list', 'update', 'watch'].map(
    (verb) => `+ ${verb} :persistentvolumeclaims`,
  ),
}

const changesOf = (name: string): string[] =>
  Object.entries(changes)
    .filter(([names]) => names.split(' ').includes(name))
    .flatMap(([, each]) => each)
    .sort()

let server: TestServer
let index: RbacIndex
beforeAll(async () => {
  server = await startTestServer()
  const { store, resources: table } = server.parts
  // A user of its own for each role.
  await Promise.all(
    recording.clusterRoles.map(({ name }) => {
      const resource = table.find('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings')!
      const draft = resource.draft({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: `matrix:${name}` },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'User', name: `matrix:${name}` }],
      } as never)
      return store.create(draft)
    }),
  )
  index = new RbacIndex(store, table)
})
afterAll(async () => {
  index[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

test.for(recording.clusterRoles.map(({ name }) => name))(
  '%s permits what it does upstream',
  (name) => {
    const authorizer = new RbacAuthorizer(index)
    const differences: string[] = []
    for (const [text, info] of questions) {
      const { allowed } = authorizer.authorize({ name: `matrix:${name}`, groups: [] }, info)
      const wanted = saysYes(rulesOf(name), info)
      if (allowed !== wanted) differences.push(`${allowed ? '+' : '-'} ${text}`)
    }
    expect(differences.sort()).toEqual(changesOf(name))
  },
)

test('whoever was granted something upstream is granted it here', () => {
  const { store, resources: table } = server.parts
  const granted = (plural: string) =>
    store
      .list(table.find('rbac.authorization.k8s.io', 'v1', plural)!.prefix)
      .entries.map((entry) => {
        const { metadata, roleRef, subjects } = JSON.parse(entry.value.toString())
        return {
          name: metadata.name,
          namespace: metadata.namespace,
          roleRef,
          subjects: subjects ?? [],
        }
      })
  for (const [plural, recorded] of [
    ['clusterrolebindings', recording.clusterRoleBindings],
    ['rolebindings', recording.roleBindings],
  ] as const) {
    const ours = granted(plural)
    for (const { name, namespace, roleRef, subjects } of recorded) {
      expect(ours).toContainEqual({ name, namespace, roleRef, subjects: subjects ?? [] })
    }
  }
})
