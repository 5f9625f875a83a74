/** Several authorizers one after the other, and the flag that chooses them. */
import { describe, expect, test } from 'vitest'
import type { RequestInfo } from '../request-info.ts'
import { requestInfo } from '../request-info.ts'
import type { ResourceTable } from '../resources.ts'
import type { Store } from '../store/store.ts'
import {
  type AuthorizationMode,
  AuthorizerChain,
  checkedModes,
  openAuthorization,
} from './authorization.ts'
import type { Authorizer, Decision } from './authorizer.ts'

const info: RequestInfo = requestInfo('GET', '/api/v1/pods')
const somebody = { name: 'somebody', groups: ['system:authenticated'] }
const master = { name: 'root', groups: ['system:masters'] }

const saying = (decision: Decision | Promise<Decision>): Authorizer => ({
  authorize: () => decision,
})
const never: Authorizer = {
  authorize() {
    throw new Error('must not be asked')
  },
}
const no = (reason?: string): Decision => ({ allowed: false, ...(reason && { reason }) })

describe('AuthorizerChain', () => {
  test.for<[string, Authorizer[], Decision]>([
    [
      'the first to allow decides',
      [saying({ allowed: true, reason: 'a' }), never],
      { allowed: true, reason: 'a' },
    ],
    [
      'who has no opinion is passed over',
      [saying(no()), saying({ allowed: true })],
      { allowed: true },
    ],
    ['nobody allows', [saying(no()), saying(no())], no()],
    ['all reasons are told', [saying(no('a')), saying(no()), saying(no('b'))], no('a\nb')],
    ['answers that take time', [saying(Promise.resolve(no('a'))), saying(no('b'))], no('a\nb')],
    [
      'a late yes',
      [saying(Promise.resolve(no('a'))), saying(Promise.resolve({ allowed: true })), never],
      { allowed: true },
    ],
    ['nobody is asked', [], no()],
  ])('%s', async ([, authorizers, decision]) => {
    expect(await new AuthorizerChain(authorizers).authorize(somebody, info)).toEqual(decision)
  })

  test('masters need nobody', () => {
    expect(new AuthorizerChain([never]).authorize(master, info)).toEqual({ allowed: true })
  })

  test('rules are those of all, and incomplete when one cannot list its own', () => {
    const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
    const listing: Authorizer = {
      ...saying(no()),
      rulesFor: () => ({ rules: [rule], incomplete: false }),
    }
    const failing: Authorizer = {
      ...saying(no()),
      rulesFor: () => ({ rules: [], incomplete: true, problem: 'a' }),
    }
    const rulesOf = (...authorizers: Authorizer[]) =>
      new AuthorizerChain(authorizers).rulesFor(somebody, 'default')
    expect(rulesOf(listing)).toEqual({ rules: [rule], incomplete: false })
    expect(rulesOf(listing, failing)).toEqual({ rules: [rule], incomplete: true, problem: 'a' })
    expect(rulesOf(listing, saying(no()))).toEqual({ rules: [rule], incomplete: true })
  })
})

describe('modes', () => {
  test.for<[string[], string]>([
    [
      ['RBAC', 'rbac'],
      'choose authorizers: "rbac" is unknown, there are Node, RBAC, AlwaysAllow, AlwaysDeny',
    ],
    [['RBAC', 'Node', 'RBAC'], 'choose authorizers: "RBAC" is named twice'],
    [[], 'choose authorizers: none is named, at least one is needed'],
  ])('%s are refused', ([names, message]) => {
    expect(() => checkedModes(names)).toThrow(message)
  })

  test.for<[AuthorizationMode[], boolean]>([
    [['AlwaysAllow'], true],
    [['AlwaysDeny'], false],
    [['AlwaysDeny', 'AlwaysAllow'], true],
  ])('%s answer %s', async ([modes, allowed]) => {
    // Neither looks at anything that is stored.
    const parts = { store: {} as Store, resources: {} as ResourceTable }
    using open = openAuthorization(checkedModes(modes), parts)
    expect((await open.authorizer.authorize(somebody, info)).allowed).toBe(allowed)
    expect(open.authorizer.rulesFor?.(somebody, 'default').rules.length).toBe(allowed ? 2 : 0)
  })
})
