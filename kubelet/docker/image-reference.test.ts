/** Names of images: what is one, what it says, and what is refused in which words. */
import { expect, test } from 'vitest'
import { familiarName, imageName, parseImageReference } from './image-reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.for([
  ['nginx', 'nginx', 'latest'],
  ['nginx:1.27', 'nginx', '1.27'],
  ['library/nginx', 'library/nginx', 'latest'],
  ['registry.example:5000/team/app:v1', 'registry.example:5000/team/app', 'v1'],
  ['localhost/app', 'localhost/app', 'latest'],
  ['127.0.0.1:5000/a/b/c__d:x_Y.1-2', '127.0.0.1:5000/a/b/c__d', 'x_Y.1-2'],
  ['[fd00::1]:5000/app', '[fd00::1]:5000/app', 'latest'],
  ['Registry.Example/app', 'Registry.Example/app', 'latest'],
  [`app@${digest}`, 'app', digest],
  [`app:v1@${digest}`, 'app', digest],
] as const)('%s', ([reference, name, version]) => {
  expect(parseImageReference(reference)).toEqual({ name, version })
})

test.for([
  ['', 'invalid reference format'],
  ['Nginx', 'repository name must be lowercase'],
  ['team/App:v1', 'repository name must be lowercase'],
  ['nginx:', 'invalid reference format'],
  ['nginx:tag with space', 'invalid reference format'],
  ['https://example/app', 'invalid reference format'],
  ['-app', 'invalid reference format'],
  [`app@sha256:abc`, 'invalid reference format'],
  ['a'.repeat(64), 'invalid reference format'],
  ['a'.repeat(256), 'invalid reference format'],
] as const)('%s is refused', ([reference, why]) => {
  expect(() => parseImageReference(reference)).toThrow(
    `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": ${why}`,
  )
})

test('names are written as the Engine lists them', () => {
  expect(imageName({ name: 'app', version: 'v1' })).toBe('app:v1')
  expect(imageName({ name: 'app', version: digest })).toBe(`app@${digest}`)
  expect(familiarName('docker.io/library/nginx:1')).toBe('nginx:1')
  expect(familiarName('docker.io/team/app:1')).toBe('team/app:1')
  expect(familiarName('registry.example/library/app')).toBe('registry.example/library/app')
})
