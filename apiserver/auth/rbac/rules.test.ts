/** What single rules permit, in all the ways in which they can be written. */
import { describe, expect, test } from 'vitest'
import type { PolicyRule } from '#api/parts/rbac/rules.ts'
import type { RequestInfo } from '../../request-info.ts'
import { RoleRules } from './role.ts'
import { permits } from './rules.ts'

const rest = { version: 'v1', rest: '', path: '', query: new URLSearchParams() }

/** `get apps/deployments/scale#name`; the core group is left out, as are subresource and name. */
function request(text: string): RequestInfo {
  const [verb = '', target = ''] = text.split(' ')
  if (target.startsWith('/')) {
    return { isResource: false, verb, path: target, query: rest.query }
  }
  const [, group = '', resource = '', subresource = '', name = ''] =
    /^(?:([^:]*):)?([^/#]+)(?:\/([^#]+))?(?:#(.*))?$/.exec(target) ?? []
  const what = { group, resource, subresource, name, namespace: 'space' }
  return { ...rest, isResource: true, verb: verb as 'get', ...what }
}

const rule = (
  verbs: string,
  apiGroups: string,
  resources: string,
  resourceNames?: string,
): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: apiGroups.split(' '),
  resources: resources.split(' '),
  ...(resourceNames !== undefined && { resourceNames: resourceNames.split(' ') }),
})
const paths = (verbs: string, urls: string): PolicyRule => ({
  verbs: verbs.split(' '),
  nonResourceURLs: urls.split(' '),
})

describe('permits()', () => {
  const pods = rule('get list', '', 'pods')
  test.for<[string, PolicyRule, string, boolean]>([
    ['a verb and a resource', pods, 'get pods', true],
    ['another verb', pods, 'delete pods', false],
    ['another resource', pods, 'get secrets', false],
    ['another group', pods, 'get metrics.k8s.io:pods', false],
    ['a name where none is asked for', pods, 'get pods#a', true],
    ['a subresource is a resource of its own', pods, 'get pods/log', false],
    ['a subresource by name', rule('get', '', 'pods/log'), 'get pods/log', true],
    ['only the subresource', rule('get', '', 'pods/log'), 'get pods', false],
    ['every verb', rule('*', '', 'pods'), 'escalate pods', true],
    ['every group', rule('get', '*', 'pods'), 'get metrics.k8s.io:pods', true],
    ['every resource', rule('get', '', '*'), 'get pods', true],
    ['every resource has its subresources', rule('get', '', '*'), 'get pods/log', true],
    ['a subresource of all', rule('get', '*', '*/scale'), 'get apps:deployments/scale', true],
    ['another subresource of all', rule('get', '*', '*/scale'), 'get pods/log', false],
    ['not the resource itself', rule('get', '*', '*/scale'), 'get apps:deployments', false],
    ['stars are no pattern', rule('get', '', 'pod*'), 'get pods', false],
    ['a resource and all below', rule('get', '', 'pods/*'), 'get pods/log', false],
    ['a name', rule('get', '', 'secrets', 'a b'), 'get secrets#b', true],
    ['another name', rule('get', '', 'secrets', 'a b'), 'get secrets#c', false],
    ['no name', rule('list', '', 'secrets', 'a'), 'list secrets', false],
    ['a star is a name like any', rule('get', '', 'secrets', '*'), 'get secrets#a', false],
    ['resources are no paths', rule('*', '*', '*'), 'get /metrics', false],
    ['a path', paths('get', '/metrics'), 'get /metrics', true],
    ['what is below a path', paths('get', '/metrics'), 'get /metrics/slis', false],
    ['another method', paths('get', '/metrics'), 'post /metrics', false],
    ['any rest', paths('get', '/logs/*'), 'get /logs/a/b', true],
    ['not the beginning', paths('get', '/logs/*'), 'get /logs', false],
    ['a star in the middle is a letter', paths('get', '/a/*/b'), 'get /a/x/b', false],
    ['every path', paths('*', '*'), 'put /any', true],
    ['paths are no resources', paths('*', '*'), 'get pods', false],
  ])('%s', ([, given, asked, isPermitted]) => {
    expect(permits(given, request(asked))).toBe(isPermitted)
    // The index of a role must not hide what its rules permit.
    expect(new RoleRules([given]).permit(request(asked))).toBe(isPermitted)
  })
})

test('a role permits what any of its rules does', () => {
  const role = new RoleRules([
    rule('get', '', 'pods', 'a'),
    rule('get', '', 'pods services'),
    paths('get', '/healthz'),
  ])
  expect(role.permit(request('get pods#b'))).toBe(true)
  expect(role.permit(request('get services'))).toBe(true)
  expect(role.permit(request('get /healthz'))).toBe(true)
  expect(role.permit(request('list pods'))).toBe(false)
})
