/** References to images: which are pulled always. */
import { describe, expect, test } from 'vitest'
import { defaultPullPolicy, parseImageReference } from './image-reference.ts'

const digest = `sha256:${'ab'.repeat(32)}`

describe('parseImageReference()', () => {
  test.for([
    ['nginx', 'docker.io', 'library/nginx', 'latest', ''],
    ['nginx:1.27', 'docker.io', 'library/nginx', '1.27', ''],
    ['bitnami/redis', 'docker.io', 'bitnami/redis', 'latest', ''],
    ['docker.io/nginx', 'docker.io', 'library/nginx', 'latest', ''],
    ['index.docker.io/a/b:x', 'docker.io', 'a/b', 'x', ''],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io', 'pause', '3.10', ''],
    ['localhost/app', 'localhost', 'app', 'latest', ''],
    ['localhost:5000/app', 'localhost:5000', 'app', 'latest', ''],
    ['host:5000/team/app:v1', 'host:5000', 'team/app', 'v1', ''],
    ['[::1]:5000/app', '[::1]:5000', 'app', 'latest', ''],
    ['UPPER/app', 'UPPER', 'app', 'latest', ''],
    [`nginx@${digest}`, 'docker.io', 'library/nginx', '', digest],
    [`nginx:1.27@${digest}`, 'docker.io', 'library/nginx', '1.27', digest],
  ])('%s', ([text, domain, path, tag, hash]) => {
    expect(parseImageReference(text!)).toEqual({ domain, path, tag, digest: hash })
  })

  test.for([
    '',
    ' ',
    'Nginx',
    'a//b',
    '/a',
    'a:',
    'a@sha256:12',
    'a:b c',
    'ab'.repeat(32),
    `a/${'b'.repeat(300)}`,
    'x'.repeat(2000),
  ])('%j is no reference', (text) => {
    expect(parseImageReference(text)).toBeUndefined()
    expect(defaultPullPolicy(text)).toBe('IfNotPresent')
  })
})

test.for([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['localhost:5000/team/app', 'Always'],
  ['[fd00::1]:5000/app', 'Always'],
  [`nginx:latest@${digest}`, 'Always'],
  ['nginx:1.27', 'IfNotPresent'],
  ['localhost:5000/team/app:v1', 'IfNotPresent'],
  [`nginx@${digest}`, 'IfNotPresent'],
] as const)('%s is pulled %s', ([image, policy]) => {
  expect(defaultPullPolicy(image)).toBe(policy)
})
