/** RBAC on a server: grants that take effect at once, reviews, limits to what may be granted. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const reviews = '/apis/authorization.k8s.io/v1'
const apiVersion = 'rbac.authorization.k8s.io/v1'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ authorization: 'rbac' })
})
afterAll(() => server[Symbol.asyncDispose]())

interface Caller {
  readonly name: string
  /** One at most: fetch() cannot send a header twice. */
  readonly groups?: readonly [string]
}

const admin: Caller = { name: 'root', groups: ['system:masters'] }

async function call(
  caller: Caller,
  method: string,
  path: string,
  body?: unknown,
  url = server.url,
) {
  const headers = new Headers({ 'content-type': 'application/json', 'user-agent': 'tests/1' })
  if (method === 'PATCH') headers.set('content-type', 'application/merge-patch+json')
  headers.set('impersonate-user', caller.name)
  headers.set('impersonate-group', caller.groups?.[0] ?? 'system:authenticated')
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as ReturnType<typeof JSON.parse> }
}

async function make(path: string, body: object, url = server.url): Promise<void> {
  expect(await call(admin, 'POST', path, body, url)).toMatchObject({ status: 201 })
}

const rule = (verbs: string, apiGroup: string, resources: string, resourceNames?: string[]) => ({
  verbs: verbs.split(' '),
  apiGroups: [apiGroup],
  resources: resources.split(' '),
  ...(resourceNames && { resourceNames }),
})

const role = (name: string, ...rules: object[]) => ({
  apiVersion,
  kind: 'Role',
  metadata: { name },
  rules,
})
const clusterRole = (name: string, ...rules: object[]) => ({
  ...role(name, ...rules),
  kind: 'ClusterRole',
})
const binding = (name: string, kind: string, roleName: string, ...users: string[]) => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
  subjects: users.map((user) => ({ kind: 'User', name: user })),
})
const clusterBinding = (name: string, roleName: string, ...users: string[]) => ({
  ...binding(name, 'ClusterRole', roleName, ...users),
  kind: 'ClusterRoleBinding',
})

/** A namespace of its own, with a role in it that is bound to a user of the same name. */
async function spaceFor(user: string, ...rules: object[]): Promise<string> {
  await make('/api/v1/namespaces', { metadata: { name: user } })
  await make(`${rbac}/namespaces/${user}/roles`, role('granted', ...rules))
  await make(`${rbac}/namespaces/${user}/rolebindings`, binding('granted', 'Role', 'granted', user))
  return `${rbac}/namespaces/${user}`
}

describe('grants', () => {
  test('take effect and end with the write that makes them', async () => {
    const caller = { name: 'come-and-go' }
    const at = await spaceFor(caller.name, rule('list', '', 'pods'))
    const pods = `/api/v1/namespaces/${caller.name}/pods`
    expect((await call(caller, 'GET', pods)).status).toBe(200)
    await call(admin, 'PATCH', `${at}/roles/granted`, { rules: [rule('list', '', 'secrets')] })
    expect((await call(caller, 'GET', pods)).body.message).toBe(
      'pods is forbidden: User "come-and-go" cannot list resource "pods" in API group "" ' +
        'in the namespace "come-and-go"',
    )
    expect((await call(caller, 'GET', `${pods.replace(/pods$/, 'secrets')}`)).status).toBe(200)
    await call(admin, 'DELETE', `${at}/rolebindings/granted`)
    expect((await call(caller, 'GET', `${pods.replace(/pods$/, 'secrets')}`)).status).toBe(403)
  })

  test('of a role that is gone say so', async () => {
    const caller = { name: 'left-behind' }
    const at = await spaceFor(caller.name, rule('list', '', 'pods'))
    await call(admin, 'DELETE', `${at}/roles/granted`)
    const { body } = await call(caller, 'GET', `/api/v1/namespaces/${caller.name}/pods`)
    expect(body.message).toBe(
      'pods is forbidden: User "left-behind" cannot list resource "pods" in API group "" in the ' +
        'namespace "left-behind": RBAC: role.rbac.authorization.k8s.io "granted" not found',
    )
  })

  test('in a namespace are good for nothing outside', async () => {
    const caller = { name: 'inside' }
    await spaceFor(caller.name, rule('*', '*', '*'))
    expect((await call(caller, 'GET', '/api/v1/pods')).status).toBe(403)
    expect((await call(caller, 'GET', '/api/v1/namespaces/default/pods')).status).toBe(403)
    expect((await call(caller, 'GET', '/api/v1/nodes')).status).toBe(403)
    expect((await call(caller, 'GET', '/metrics')).status).toBe(403)
    expect((await call(caller, 'GET', '/api/v1/namespaces/inside')).status).toBe(200)
  })

  test('of one name let a list through that asks for it alone', async () => {
    const caller = { name: 'by-name' }
    await spaceFor(caller.name, rule('get list watch', '', 'secrets', ['mine']))
    const secrets = `/api/v1/namespaces/${caller.name}/secrets`
    const list = (selector: string) =>
      call(caller, 'GET', `${secrets}?fieldSelector=${encodeURIComponent(selector)}`)
    expect((await list('metadata.name=mine')).status).toBe(200)
    expect((await list('metadata.name=other')).body.message).toMatch(/^secrets "other" is forbid/)
    expect((await list('metadata.name!=mine')).status).toBe(403)
    expect((await list('type=x')).status).toBe(403)
    expect((await list('%%%')).status).toBe(403)
    expect((await call(caller, 'GET', secrets)).status).toBe(403)
  })

  test('to groups and service accounts reach their members', async () => {
    await make('/api/v1/namespaces', { metadata: { name: 'members' } })
    const at = `${rbac}/namespaces/members`
    await make(`${at}/rolebindings`, {
      ...binding('b', 'ClusterRole', 'view'),
      subjects: [
        { kind: 'Group', name: 'team' },
        { kind: 'ServiceAccount', name: 'robot', namespace: 'members' },
      ],
    })
    const pods = '/api/v1/namespaces/members/pods'
    const status = async (name: string, group: string) =>
      (await call({ name, groups: [group] }, 'GET', pods)).status
    expect(await status('somebody', 'team')).toBe(200)
    expect(await status('somebody', 'other')).toBe(403)
    expect(await status('team', 'other')).toBe(403)
    expect(await status('system:serviceaccount:members:robot', 'x')).toBe(200)
    expect(await status('system:serviceaccount:default:robot', 'x')).toBe(403)
  })
})

describe('reviews', () => {
  const ask = (caller: Caller, kind: string, spec: object, at = reviews, metadata = {}) =>
    call(caller, 'POST', `${at}/${kind.toLowerCase()}s`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind,
      metadata,
      spec,
    })
  const pods = { verb: 'list', resource: 'pods', namespace: 'reviewed' }

  beforeAll(async () => {
    await spaceFor('reviewed', rule('list', '', 'pods'))
  })

  test('tell callers what they may do, as kubectl auth can-i asks', async () => {
    const can = async (resourceAttributes: object) =>
      (await ask({ name: 'reviewed' }, 'SelfSubjectAccessReview', { resourceAttributes })).body
        .status
    expect(await can(pods)).toEqual({
      allowed: true,
      reason:
        'RBAC: allowed by RoleBinding "granted/reviewed" of Role "granted" to User "reviewed"',
    })
    expect(await can({ ...pods, verb: 'create' })).toEqual({ allowed: false })
    expect(await can({ ...pods, namespace: '' })).toEqual({ allowed: false })
  })

  test('of others are for those who may make them', async () => {
    const spec = { user: 'reviewed', resourceAttributes: pods }
    expect((await ask({ name: 'reviewed' }, 'SubjectAccessReview', spec)).status).toBe(403)
    const { body } = await ask(admin, 'SubjectAccessReview', spec)
    expect(body.status.allowed).toBe(true)
    const at = `${reviews}/namespaces/reviewed`
    const local = await ask(admin, 'LocalSubjectAccessReview', spec, at)
    expect(local.body.status.allowed).toBe(true)
  })

  test('are refused when they make no sense', async () => {
    const both = { resourceAttributes: pods, nonResourceAttributes: { path: '/', verb: 'get' } }
    const answer = await ask(admin, 'SelfSubjectAccessReview', both)
    expect(answer.status).toBe(422)
    expect(answer.body.details).toEqual({
      group: 'authorization.k8s.io',
      causes: [expect.objectContaining({ field: 'spec.nonResourceAttributes' })],
    })
  })

  test.for<[string, object, string]>([
    [
      'raw text',
      { fieldSelector: { rawSelector: 'a b' } },
      'spec.resourceAttributes.fieldSelector ignored due to parse error',
    ],
    [
      'an operator of tomorrow',
      { labelSelector: { requirements: [{ key: 'a', operator: 'Like', values: ['b'] }] } },
      'spec.resourceAttributes.labelSelector ignored due to parse error',
    ],
    [
      'one of two',
      {
        fieldSelector: {
          requirements: [
            { key: 'a', operator: 'In', values: ['b'] },
            { key: 'a', operator: 'Exists' },
          ],
        },
      },
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
    ],
  ])('say which selectors they did not understand: %s', async ([, selectors, problem]) => {
    const spec = { resourceAttributes: { ...pods, ...selectors } }
    const { body } = await ask({ name: 'reviewed' }, 'SelfSubjectAccessReview', spec)
    expect(body.status).toMatchObject({ allowed: true, evaluationError: problem })
  })

  test('list what a caller may do', async () => {
    const spec = { namespace: 'reviewed' }
    const { body } = await ask({ name: 'reviewed' }, 'SelfSubjectRulesReview', spec)
    expect(body.spec).toEqual({})
    expect(body.status.resourceRules).toContainEqual(rule('list', '', 'pods'))
    expect(body.status.nonResourceRules.length).toBeGreaterThan(0)
    expect(body.status.incomplete).toBe(false)
    const node: Caller = { name: 'system:node:a', groups: ['system:nodes'] }
    const ofNode = await ask(node, 'SelfSubjectRulesReview', spec)
    expect(ofNode.body.status).toMatchObject({
      incomplete: true,
      evaluationError: 'node authorizer does not support user rule resolution',
    })
  })
})

describe('nobody grants more than they have', () => {
  const caller = { name: 'delegate' }
  let at: string
  beforeAll(async () => {
    // Not the verbs escalate and bind, which a star would be.
    const verbs = 'create update patch delete get'
    const managing = rule(verbs, 'rbac.authorization.k8s.io', 'roles rolebindings')
    at = await spaceFor(caller.name, managing, rule('get list', '', 'pods'))
    await make(
      `${rbac}/clusterroles`,
      clusterRole(
        'manage-all',
        rule(
          verbs,
          'rbac.authorization.k8s.io',
          'clusterroles clusterrolebindings roles rolebindings',
        ),
      ),
    )
    await make(
      `${rbac}/clusterrolebindings`,
      clusterBinding('manage-all', 'manage-all', caller.name),
    )
    await make(`${at}/roles`, role('strong', rule('get list', '', 'secrets')))
  })

  const lacking = (...texts: string[]): string =>
    'user "delegate" (groups=["system:authenticated"]) is attempting to grant RBAC permissions ' +
    `not currently held:\n${texts.join('\n')}`

  test.for<[string, string, object, string | undefined]>([
    ['a role that is held', 'roles', role('r1', rule('get', '', 'pods')), undefined],
    [
      'a role that is not',
      'roles',
      role('r2', rule('get delete', '', 'pods'), rule('get', '', 'nodes')),
      lacking(
        '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
      ),
    ],
    [
      'a binding to a role that is not',
      'rolebindings',
      binding('b1', 'Role', 'strong', 'x'),
      lacking('{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'),
    ],
    [
      'a binding to a role that is',
      'rolebindings',
      binding('b2', 'Role', 'granted', 'x'),
      undefined,
    ],
  ])('%s', async ([, plural, object, why]) => {
    const answer = await call(caller, 'POST', `${at}/${plural}`, object)
    const { name } = (object as { metadata: { name: string } }).metadata
    if (why === undefined) expect(answer.status).toBe(201)
    else {
      expect(answer.status).toBe(403)
      const what = `${plural}.rbac.authorization.k8s.io "${name}"`
      expect(answer.body.message).toBe(`${what} is forbidden: ${why}`)
    }
  })

  test('and a role that does not exist cannot be bound', async () => {
    const answer = await call(
      caller,
      'POST',
      `${at}/rolebindings`,
      binding('b', 'Role', 'none', 'x'),
    )
    expect(answer.status).toBe(404)
    expect(answer.body.message).toBe('roles.rbac.authorization.k8s.io "none" not found')
  })

  test('nor by changing what there is, in any way', async () => {
    await make(`${at}/roles`, role('mine', rule('get', '', 'pods')))
    const path = `${at}/roles/mine`
    const more = { rules: [rule('*', '', 'pods')] }
    expect((await call(caller, 'PATCH', path, more)).status).toBe(403)
    expect((await call(caller, 'PUT', path, { ...role('mine'), ...more })).status).toBe(403)
    expect((await call(caller, 'PUT', `${at}/roles/new`, { ...role('new'), ...more })).status).toBe(
      403,
    )
    expect((await call(caller, 'PATCH', path, { rules: [] })).status).toBe(200)
    await make(`${at}/rolebindings`, binding('strong', 'Role', 'strong', 'x'))
    const subjects = [{ kind: 'User', name: caller.name }]
    const bound = await call(caller, 'PATCH', `${at}/rolebindings/strong`, { subjects })
    expect(bound.status).toBe(403)
  })

  test('but what frees an object for the garbage collector is no grant', async () => {
    await make(`${at}/roles`, {
      ...role('kept', rule('*', '*', '*')),
      metadata: { name: 'kept', finalizers: ['example.com/wait'] },
    })
    const patch = { metadata: { finalizers: [] } }
    expect((await call(caller, 'PATCH', `${at}/roles/kept`, patch)).status).toBe(200)
    const labelled = { metadata: { labels: { a: 'b' } } }
    expect((await call(caller, 'PATCH', `${at}/roles/kept`, labelled)).status).toBe(403)
  })

  test('nor gather it by aggregation', async () => {
    const greedy = {
      ...clusterRole('greedy'),
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    }
    const answer = await call(caller, 'POST', `${rbac}/clusterroles`, greedy)
    expect(answer.body.message).toBe(
      'clusterroles.rbac.authorization.k8s.io "greedy" is forbidden: ' +
        'must have cluster-admin privileges to use the aggregationRule',
    )
  })

  test('unless they have the verbs for it', async () => {
    const verbs = rule('escalate create', 'rbac.authorization.k8s.io', 'roles')
    const bind = rule('bind', 'rbac.authorization.k8s.io', 'clusterroles', ['edit'])
    const creating = rule('create', 'rbac.authorization.k8s.io', 'rolebindings')
    const where = await spaceFor('trusted', verbs, bind, creating)
    const trusted = { name: 'trusted' }
    const all = role('all', rule('*', '*', '*'))
    expect((await call(trusted, 'POST', `${where}/roles`, all)).status).toBe(201)
    const bound = (name: string) =>
      call(trusted, 'POST', `${where}/rolebindings`, binding(name, 'ClusterRole', name, 'x'))
    expect((await bound('edit')).status).toBe(201)
    expect((await bound('admin')).status).toBe(403)
  })
})

describe('escalate by name', () => {
  test('is good where the request names the role', async () => {
    const verbs = rule('escalate create update patch', 'rbac.authorization.k8s.io', 'roles', [
      'big',
    ])
    const creating = rule('create', 'rbac.authorization.k8s.io', 'roles')
    const at = await spaceFor('namer', verbs, creating)
    const all = (name: string) => role(name, rule('*', '*', '*'))
    const status = async (method: string, path: string, name: string) =>
      (await call({ name: 'namer' }, method, `${at}/roles${path}`, all(name))).status
    expect(await status('POST', '', 'big')).toBe(403)
    expect(await status('PUT', '/big', 'big')).toBe(201)
    expect(await status('PUT', '/big', 'big')).toBe(200)
    expect(await status('PUT', '/small', 'small')).toBe(403)
  })
})

describe('a restart', () => {
  test('adds what is missing, and keeps what users did', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nanokube-rbac-'))
    const open = () => startTestServer({ authorization: 'rbac', directory })
    const custom = rule('get', 'example.com', 'widgets')
    {
      await using first = await open()
      const change = async (method: string, path: string, body?: object) =>
        expect((await call(admin, method, rbac + path, body, first.url)).status).toBe(200)
      await change('PATCH', '/clusterroles/system:basic-user', { rules: [custom] })
      await change('DELETE', '/clusterroles/system:kube-dns')
      const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
      const protectedRole = { metadata: { annotations }, rules: [] }
      await change('PATCH', '/clusterroles/system:node-proxier', protectedRole)
      await change('PATCH', '/clusterrolebindings/system:discovery', {
        subjects: [{ kind: 'User', name: 'mine' }],
      })
      await change('DELETE', '/clusterrolebindings/system:monitoring')
      const other = clusterBinding('system:monitoring', 'view', 'mine')
      await make(`${rbac}/clusterrolebindings`, other, first.url)
      const added = clusterRole('widgets', custom)
      const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
      await make(
        `${rbac}/clusterroles`,
        { ...added, metadata: { name: 'widgets', labels } },
        first.url,
      )
    }
    await using second = await open()
    const get = async (path: string) =>
      (await call(admin, 'GET', rbac + path, undefined, second.url)).body
    const basic = await get('/clusterroles/system:basic-user')
    expect(basic.rules[0]).toEqual(custom)
    expect(basic.rules.length).toBeGreaterThan(1)
    expect((await get('/clusterroles/system:kube-dns')).rules).toHaveLength(1)
    expect((await get('/clusterroles/system:node-proxier')).rules).toBeNull()
    const discovery = await get('/clusterrolebindings/system:discovery')
    expect(discovery.subjects.map(({ name }: { name: string }) => name)).toEqual([
      'mine',
      'system:authenticated',
    ])
    const monitoring = await get('/clusterrolebindings/system:monitoring')
    expect(monitoring.roleRef.name).toBe('system:monitoring')
    for (const name of ['view', 'edit', 'admin']) {
      expect((await get(`/clusterroles/${name}`)).rules).toContainEqual(custom)
    }
    await rm(directory, { recursive: true })
  })
})
