/** Thousands of random roles and bindings come, change and go, and a model without index agrees. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PolicyRule } from '#api/parts/rbac/rules.ts'
import { RbacAuthorizer } from '#apiserver/auth/rbac/rbac-authorizer.ts'
import { RbacIndex } from '#apiserver/auth/rbac/rbac-index.ts'
import type { User } from '#apiserver/request-context.ts'
import type { RequestInfo } from '#apiserver/request-info.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { fuzz } from './fuzz.ts'

const GROUP = 'rbac.authorization.k8s.io'
const apiVersion = `${GROUP}/v1`
const query = new URLSearchParams()

interface Role {
  readonly kind: 'Role' | 'ClusterRole'
  readonly namespace: string
  readonly name: string
  readonly rules: readonly PolicyRule[]
}

interface Binding {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding'
  readonly namespace: string
  readonly name: string
  readonly role: Pick<Role, 'kind' | 'name'>
  readonly subjects: readonly { kind: string; name: string; namespace?: string }[]
}

const some = <T>(...all: readonly T[]) => fc.constantFrom(...all)
const few = (...all: readonly string[]) =>
  fc.uniqueArray(some(...all), { minLength: 1, maxLength: 2 })
const namespace = some('a', 'b')
const name = some('one', 'two', 'three')

const resourceRule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    verbs: few('get', 'list', 'update', '*'),
    apiGroups: few('', 'apps', '*'),
    resources: few('pods', 'pods/log', 'jobs', '*/log', '*'),
    resourceNames: few('x', 'y'),
  },
  { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
)
const pathRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: few('get', 'post', '*'),
  nonResourceURLs: few('/logs', '/logs/*', '/metrics', '*'),
})
const rules = fc.array(resourceRule, { minLength: 1, maxLength: 3 })

const role: fc.Arbitrary<Role> = fc.oneof(
  fc.record({ kind: fc.constant('Role' as const), namespace, name, rules }),
  fc.record({
    kind: fc.constant('ClusterRole' as const),
    namespace: fc.constant(''),
    name,
    rules: fc.array(fc.oneof(resourceRule, pathRule), { minLength: 1, maxLength: 3 }),
  }),
)

const person = fc.record({ kind: some('User', 'Group'), name: some('ann', 'bob', 'team') })
const account = (homes: fc.Arbitrary<string>) =>
  fc.record({
    kind: fc.constant('ServiceAccount'),
    name: some('robot', 'other'),
    namespace: homes,
  })
const subjects = (homes: fc.Arbitrary<string>) =>
  fc.array(fc.oneof(person, account(homes)), { minLength: 1, maxLength: 3 })

const binding: fc.Arbitrary<Binding> = fc.oneof(
  fc.record({
    kind: fc.constant('RoleBinding' as const),
    namespace,
    name,
    role: fc.record({ kind: some('Role' as const, 'ClusterRole' as const), name }),
    subjects: subjects(some('a', 'b', '')),
  }),
  fc.record({
    kind: fc.constant('ClusterRoleBinding' as const),
    namespace: fc.constant(''),
    name,
    role: fc.record({ kind: fc.constant('ClusterRole' as const), name }),
    subjects: subjects(namespace),
  }),
)

const step = fc.record({
  object: fc.oneof(role, binding),
  isRemoval: some(false, false, false, true),
})

const user: fc.Arbitrary<User> = fc.record({
  name: some('ann', 'bob', 'system:serviceaccount:a:robot', 'system:serviceaccount:b:other'),
  groups: fc.uniqueArray(some('team', 'others')),
})
const info: fc.Arbitrary<RequestInfo> = fc.oneof(
  fc
    .record({
      verb: some('get' as const, 'list' as const, 'delete' as const),
      group: some('', 'apps'),
      resource: some('pods', 'jobs'),
      subresource: some('', 'log'),
      namespace: some('', 'a', 'b'),
      name: some('', 'x', 'z'),
    })
    .map((what) => ({ ...what, isResource: true, version: 'v1', rest: '', path: '', query })),
  fc
    .record({ verb: some('get', 'post'), path: some('/logs', '/logs/a', '/metrics', '/other') })
    .map((what) => ({ ...what, isResource: false as const, query })),
)

/** What is there, as plain objects. */
class Model {
  readonly objects = new Map<string, Role | Binding>()

  allows({ name: userName, groups }: User, asked: RequestInfo): boolean {
    const where = asked.isResource ? asked.namespace : ''
    return [...this.objects.values()].some((object) => {
      if (!('role' in object)) return false
      if (object.namespace !== '' && object.namespace !== where) return false
      const isMeant = object.subjects.some((subject) => {
        if (subject.kind === 'User') return subject.name === userName
        if (subject.kind === 'Group') return groups.includes(subject.name)
        const home = subject.namespace || object.namespace
        return userName === `system:serviceaccount:${home}:${subject.name}`
      })
      return isMeant && this.#permits(object, asked)
    })
  }

  #permits({ role: reference, namespace: home }: Binding, asked: RequestInfo): boolean {
    const found = [...this.objects.values()].find(
      (each): each is Role =>
        each.kind === reference.kind &&
        each.name === reference.name &&
        each.namespace === (reference.kind === 'Role' ? home : ''),
    )
    return found?.rules.some((rule) => permitsPlainly(rule, asked)) ?? false
  }
}

function permitsPlainly(rule: PolicyRule, asked: RequestInfo): boolean {
  const has = (texts: readonly string[] | undefined, text: string): boolean =>
    (texts ?? []).some((each) => each === '*' || each === text)
  if (!has(rule.verbs, asked.verb)) return false
  if (!asked.isResource) {
    const { path } = asked
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
    )
  }
  const { group, resource, subresource, name: wanted } = asked
  const text = subresource ? `${resource}/${subresource}` : resource
  const isThere =
    has(rule.resources, text) || (subresource && has(rule.resources, `*/${subresource}`))
  const names = rule.resourceNames ?? []
  return has(rule.apiGroups, group) && Boolean(isThere) && (!names.length || names.includes(wanted))
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const resourceOf = (kind: string) =>
  server.parts.resources.find(GROUP, 'v1', `${kind.toLowerCase()}s`)!

const keyOf = ({ kind, namespace: home, name: own }: Role | Binding): string =>
  resourceOf(kind).keyOf(home, `fuzz-${own}`)

async function store(object: Role | Binding): Promise<void> {
  const { kind, namespace: home, name: own, ...rest } = object
  const fields =
    'role' in rest
      ? {
          roleRef: { apiGroup: GROUP, kind: rest.role.kind, name: `fuzz-${rest.role.name}` },
          subjects: rest.subjects,
        }
      : { rules: rest.rules }
  const metadata = { name: `fuzz-${own}`, ...(home && { namespace: home }) }
  const draft = resourceOf(kind).draft({ kind, apiVersion, metadata, ...fields } as never)
  await server.parts.store.modify(draft.key, () => draft)
}

async function take(
  { object, isRemoval }: { object: Role | Binding; isRemoval: boolean },
  model: Model,
) {
  const key = keyOf(object)
  if (!isRemoval) {
    model.objects.set(key, object)
    await store(object)
  } else if (model.objects.delete(key)) await server.parts.store.delete(key)
}

test('the index allows what the model allows, whatever has happened', async () => {
  const { store: storage, resources } = server.parts
  using index = new RbacIndex(storage, resources)
  const authorizer = new RbacAuthorizer(index)
  let allowed = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 100, maxLength: 100 }),
      fc.array(fc.tuple(user, info), { minLength: 100, maxLength: 100 }),
      async (steps, questions) => {
        const model = new Model()
        for (const [position, each] of steps.entries()) {
          await take(each, model)
          if (position % 10 !== 9) continue
          for (const [who, asked] of questions) {
            const wanted = model.allows(who, asked)
            expect(authorizer.authorize(who, asked).allowed).toBe(wanted)
            if (wanted) allowed++
            else refused++
          }
        }
        // One that comes later sees the same.
        using later = new RbacIndex(storage, resources)
        for (const [who, asked] of questions) {
          const { allowed: isAllowed } = new RbacAuthorizer(later).authorize(who, asked)
          expect(isAllowed).toBe(model.allows(who, asked))
        }
        await Promise.all([...model.objects.keys()].map((key) => storage.delete(key)))
      },
    ),
    { ...fuzz(20), endOnFailure: true },
  )
  // Questions that are all answered alike would prove nothing.
  expect(allowed).toBeGreaterThan(1000)
  expect(refused).toBeGreaterThan(1000)
})
