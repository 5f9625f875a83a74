/** Acting as somebody else: who may, as whom, and what stays forbidden. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Authorizer } from '#apiserver/auth/authorizer.ts'
import type { RequestInfo } from '#apiserver/request-info.ts'
import { type SecureServer, startSecureServer } from './secure-server.ts'

const WHOAMI = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const REVIEW = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }

/** What callers may do, as `verb group/resource/subresource namespace/name`; `*` ends any of it. */
const rules: Readonly<Record<string, readonly string[]>> = {
  root: ['*'],
  legacy: [
    'impersonate /users//nobody',
    'impersonate /groups//staff',
    'impersonate /serviceaccounts/ns/*',
  ],
  facts: [
    'impersonate /users//nobody',
    'impersonate authentication.k8s.io/uids//u-1',
    'impersonate authentication.k8s.io/userextras/scopes//view',
  ],
  narrow: [
    'impersonate:user-info authentication.k8s.io/users//nobody',
    'impersonate:user-info authentication.k8s.io/groups//staff',
    'impersonate-on:user-info:create authentication.k8s.io/selfsubjectreviews//',
  ],
  narrower: ['impersonate:user-info authentication.k8s.io/users//nobody'],
  'system:serviceaccount:ns:agent': [
    'impersonate:associated-node authentication.k8s.io/nodes//*',
    'impersonate-on:associated-node:create authentication.k8s.io/selfsubjectreviews//',
  ],
}

const authorizer: Authorizer = {
  authorize({ name, groups }, info) {
    if (groups.includes('system:masters')) return { allowed: true }
    const isReview = info.isResource && info.resource === 'selfsubjectreviews'
    if (isReview && info.verb === 'create') return { allowed: true }
    const access = accessOf(info)
    const isMatch = (rule: string): boolean =>
      rule.endsWith('*') ? access.startsWith(rule.slice(0, -1)) : access === rule
    return { allowed: (rules[name] ?? []).some(isMatch) }
  },
}

function accessOf(info: RequestInfo): string {
  if (!info.isResource) return `${info.verb} ${info.path}`
  const { verb, group, resource, subresource, namespace, name } = info
  const what = [group, resource, ...(subresource ? [subresource] : [])].join('/')
  return `${verb} ${what}/${namespace}/${name}`
}

const agent = 'node-name'
const users = ['root', 'legacy', 'facts', 'narrow', 'narrower', 'none']
let server: SecureServer

beforeAll(async () => {
  const lines = users.map((name) => `${name}-token,${name},${name}-uid`)
  server = await startSecureServer({
    credentials: { staticTokens: `${lines.join('\n')}\n` },
    authorizer,
  })
})
afterAll(() => server[Symbol.asyncDispose]())

type Headers = Readonly<Record<string, string | string[]>>

const act = (name: string, headers: Headers) =>
  server.ask(WHOAMI, { method: 'POST', body: REVIEW, token: `${name}-token`, headers })

async function become(name: string, headers: Headers) {
  const { status, body } = await act(name, headers)
  return status === 201 ? body.status.userInfo : body.message
}

describe('who may act as another is that other', () => {
  test.for<[string, Headers, object]>([
    [
      'root',
      { 'Impersonate-User': 'nobody' },
      { username: 'nobody', groups: ['system:authenticated'] },
    ],
    [
      'legacy',
      { 'Impersonate-User': 'nobody' },
      { username: 'nobody', groups: ['system:authenticated'] },
    ],
    [
      'narrow',
      { 'Impersonate-User': 'nobody' },
      { username: 'nobody', groups: ['system:authenticated'] },
    ],
    [
      'narrow',
      { 'Impersonate-User': 'nobody', 'Impersonate-Group': 'staff' },
      { username: 'nobody', groups: ['staff', 'system:authenticated'] },
    ],
    [
      'root',
      {
        'Impersonate-User': 'nobody',
        'Impersonate-Group': ['a, b', 'system:masters', 'système'.normalize()],
      },
      { username: 'nobody', groups: ['a, b', 'system:masters', 'système', 'system:authenticated'] },
    ],
    [
      'legacy',
      { 'Impersonate-User': 'system:serviceaccount:ns:robot' },
      {
        username: 'system:serviceaccount:ns:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
      },
    ],
    [
      'facts',
      {
        'Impersonate-User': 'nobody',
        'Impersonate-Uid': 'u-1',
        'Impersonate-Extra-Scopes': 'view',
      },
      {
        username: 'nobody',
        uid: 'u-1',
        groups: ['system:authenticated'],
        extra: { scopes: ['view'] },
      },
    ],
    [
      'root',
      { 'Impersonate-User': 'nobody', 'Impersonate-Extra-Acme.com%2fproject': ['x', 'y'] },
      {
        username: 'nobody',
        groups: ['system:authenticated'],
        extra: { 'acme.com/project': ['x', 'y'] },
      },
    ],
    [
      'root',
      { 'Impersonate-User': 'system:anonymous' },
      { username: 'system:anonymous', groups: ['system:unauthenticated'] },
    ],
    [
      'root',
      { 'Impersonate-User': 'nobody', 'Impersonate-Group': 'system:unauthenticated' },
      { username: 'nobody', groups: ['system:unauthenticated'] },
    ],
    [
      'root',
      { 'Impersonate-User': 'system:node:n1' },
      { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
    ],
  ])('%s with %j', async ([name, headers, user]) => {
    const latin = Object.entries(headers).map(([key, value]) => [
      key,
      [value].flat().map((each) => Buffer.from(each).toString('latin1')),
    ])
    expect(await become(name, Object.fromEntries(latin))).toEqual(user)
  })
})

describe('who may not is told what is missing', () => {
  const at = 'in API group "authentication.k8s.io" at the cluster scope'
  const review = `resource "selfsubjectreviews" ${at}`
  test.for<[string, Headers, string]>([
    [
      'none',
      { 'Impersonate-User': 'nobody' },
      `selfsubjectreviews.authentication.k8s.io is forbidden: User "none" cannot impersonate-on:user-info:create ${review}`,
    ],
    [
      'narrow',
      { 'Impersonate-User': 'root' },
      `users.authentication.k8s.io "root" is forbidden: User "narrow" cannot impersonate:user-info resource "users" ${at}`,
    ],
    [
      'narrow',
      { 'Impersonate-User': 'nobody', 'Impersonate-Group': 'system:masters' },
      `groups.authentication.k8s.io "system:masters" is forbidden: User "narrow" cannot impersonate:user-info resource "groups" ${at}: impersonating the system:masters group is not allowed`,
    ],
    [
      'narrower',
      { 'Impersonate-User': 'nobody' },
      `selfsubjectreviews.authentication.k8s.io is forbidden: User "narrower" cannot impersonate-on:user-info:create ${review}`,
    ],
    [
      'legacy',
      { 'Impersonate-User': 'nobody', 'Impersonate-Group': ['staff', 'system:masters'] },
      `selfsubjectreviews.authentication.k8s.io is forbidden: User "legacy" cannot impersonate-on:user-info:create ${review}`,
    ],
    [
      'legacy',
      { 'Impersonate-User': 'system:serviceaccount:kube-system:robot' },
      `selfsubjectreviews.authentication.k8s.io is forbidden: User "legacy" cannot impersonate-on:serviceaccount:create ${review}`,
    ],
    [
      'facts',
      { 'Impersonate-User': 'nobody', 'Impersonate-Extra-Scopes': 'edit' },
      `selfsubjectreviews.authentication.k8s.io is forbidden: User "facts" cannot impersonate-on:user-info:create ${review}`,
    ],
  ])('%s with %j', async ([name, headers, message]) => {
    const { status, body } = await act(name, headers)
    expect(status).toBe(403)
    expect(body.message).toBe(message)
  })

  test('without credentials nobody acts as anybody', async () => {
    const headers = { 'Impersonate-User': 'root' }
    expect((await server.ask('/version', { headers })).status).toBe(403)
    expect((await server.ask('/version', { headers, token: 'wrong' })).status).toBe(401)
  })
})

describe('groups, UIDs and facts without a user', () => {
  test.for<[Headers, string]>([
    [
      { 'Impersonate-Group': 'system:masters' },
      'UID:"", Groups:[]string{"system:masters"}, Extra:map[string][]string(nil)',
    ],
    [{ 'Impersonate-Uid': 'u' }, 'UID:"u", Groups:[]string(nil), Extra:map[string][]string(nil)'],
    [
      { 'Impersonate-Extra-A': ['x', 'y'] },
      'UID:"", Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"x", "y"}}',
    ],
    [
      { 'Impersonate-User': '', 'Impersonate-Group': 'g' },
      'UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)',
    ],
  ])('%j are refused', async ([headers, who]) => {
    const { status, body } = await act('root', headers)
    expect(status).toBe(400)
    expect(body.message).toBe(
      `requested &user.DefaultInfo{Name:"", ${who}} without impersonating a user name`,
    )
  })
})

test('a pod may act as its own node, and as no other', async () => {
  const path = '/api/v1/namespaces'
  const admin = { method: 'POST', shows: server.pki.pair('admin') }
  await server.ask(path, {
    ...admin,
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } },
  })
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'agent' } }
  await server.ask(`${path}/ns/serviceaccounts`, { ...admin, body: account })
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { serviceAccountName: 'agent', nodeName: agent, containers: [{ name: 'c', image: 'c' }] },
  }
  await server.ask(`${path}/ns/pods`, { ...admin, body: pod })
  const spec = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p' } }
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
  const made = await server.ask(`${path}/ns/serviceaccounts/agent/token`, { ...admin, body })
  const as = (node: string) =>
    server.ask(WHOAMI, {
      method: 'POST',
      body: REVIEW,
      token: made.body.status.token,
      headers: { 'Impersonate-User': `system:node:${node}` },
    })
  const own = await as(agent)
  expect(own.body.status?.userInfo).toEqual({
    username: `system:node:${agent}`,
    groups: ['system:nodes', 'system:authenticated'],
  })
  expect((await as('other')).status).toBe(403)
})
