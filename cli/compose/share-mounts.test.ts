/** Tables of mounts as the kernel writes them. */
import { expect, test } from 'vitest'
import { isShared } from './share-mounts.ts'

const line = (place: string, tags: string): string =>
  `1 2 3:4 / ${place} rw ${tags}- ext4 /dev/a rw`

test.for([
  { name: 'all is shared', table: [line('/', 'shared:1 ')], shared: true },
  { name: 'nothing is', table: [line('/', '')], shared: false },
  { name: 'its own is', table: [line('/', ''), line('/var/lib/x', 'shared:9 ')], shared: true },
  { name: 'one around it is', table: [line('/', ''), line('/var', 'shared:9 ')], shared: true },
  {
    name: 'one of like name is',
    table: [line('/', ''), line('/var/li', 'shared:9 ')],
    shared: false,
  },
  {
    name: 'a private one covers it',
    table: [line('/', 'shared:1 '), line('/var', '')],
    shared: false,
  },
  {
    name: 'the last one at a place counts',
    table: [line('/', 'shared:1 '), line('/var/lib/x', ''), line('/var/lib/x', 'shared:2 ')],
    shared: true,
  },
])('isShared(): $name', ({ table, shared }) => {
  expect(isShared(`${table.join('\n')}\n`, '/var/lib/x')).toBe(shared)
})
