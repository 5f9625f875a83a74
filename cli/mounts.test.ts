/** Which mounts go, and in which order. */
import { expect, test } from 'vitest'
import { mountsBelow } from './mounts.ts'

const table = [
  'proc /proc proc rw 0 0',
  'tmpfs /data/nodes tmpfs rw 0 0',
  'tmpfs /data/nodes/a\\040b tmpfs rw 0 0',
  'tmpfs /database tmpfs rw 0 0',
  '',
].join('\n')

test('mounts below a directory come innermost first, and those beside it not at all', () => {
  expect(mountsBelow(table, '/data')).toEqual(['/data/nodes/a b', '/data/nodes'])
})
