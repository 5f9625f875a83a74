/** Names of images, as the Engine lists them and asks registries for them. */
import { expect, test } from 'vitest'
import { ImageError } from '../runtime.ts'
import { engineReference, imageName } from './image-reference.ts'

const digest = `sha256:${'a'.repeat(64)}`
const hub = 'https://index.docker.io/v1/'

test.for([
  ['nginx', 'nginx:latest', hub],
  ['nginx:1.27', 'nginx:1.27', hub],
  ['docker.io/library/nginx:1.27', 'nginx:1.27', hub],
  ['team/app', 'team/app:latest', hub],
  [
    'registry.example:5000/team/app:v1',
    'registry.example:5000/team/app:v1',
    'registry.example:5000',
  ],
  ['localhost/library/app', 'localhost/library/app:latest', 'localhost'],
  [`app@${digest}`, `app@${digest}`, hub],
  [`app:v1@${digest}`, `app@${digest}`, hub],
] as const)('%s is %s', ([reference, name, server]) => {
  const parsed = engineReference(reference)
  expect([imageName(parsed), parsed.server]).toEqual([name, server])
})

test.for(['', 'Nginx', 'nginx:', 'https://example/app', 'a'.repeat(64)])(
  '"%s" is refused',
  (reference) => {
    expect(() => engineReference(reference)).toThrow(ImageError)
    expect(() => engineReference(reference)).toThrow(
      `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`,
    )
  },
)
