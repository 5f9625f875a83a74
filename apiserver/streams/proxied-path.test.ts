/** Paths of proxy requests: what is ours and what is for the other side. */
import { expect, test } from 'vitest'
import { proxiedPath } from './proxied-path.ts'

const pod = '/api/v1/namespaces/ns/pods/p:80/proxy'

test.for([
  { path: pod, prefix: pod, rest: '' },
  { path: `${pod}/`, prefix: pod, rest: '/' },
  { path: `${pod}/a/b/`, prefix: pod, rest: '/a/b/' },
  { path: `${pod}/a%2Fb//c`, prefix: pod, rest: '/a%2Fb//c' },
  { path: `${pod}/proxy/proxy`, prefix: pod, rest: '/proxy/proxy' },
  { path: `${pod}/a/../b`, prefix: pod, rest: '/b' },
  { path: `${pod}/../../nodes`, prefix: pod, rest: '/nodes' },
  { path: `${pod}/%2e%2E/a/.`, prefix: pod, rest: '/a/' },
  { path: `${pod}/a/..`, prefix: pod, rest: '/' },
  { path: `${pod}/.well-known/x`, prefix: pod, rest: '/.well-known/x' },
  { path: '/api/v1/nodes/n/proxy/logs/', prefix: '/api/v1/nodes/n/proxy', rest: '/logs/' },
])('$path', ({ path, prefix, rest }) => {
  expect(proxiedPath(path)).toEqual({ prefix, path: rest })
})
