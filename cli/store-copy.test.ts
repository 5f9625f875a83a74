/** Which files of a store make a copy. */
import { expect, test } from 'vitest'
import { storeFiles } from './store-copy.ts'

test.for([
  { name: 'a new store', names: ['LOCK', 'log-0000000001', 'pki'], files: ['log-0000000001'] },
  {
    name: 'what is being made or replaced stays behind',
    names: [
      'log-0000000002',
      'log-0000000001',
      'log-0000000003',
      'snapshot-0000000001',
      'snapshot-0000000002',
      'snapshot-0000000003.unfinished',
    ],
    files: ['snapshot-0000000002', 'log-0000000002', 'log-0000000003'],
  },
])('storeFiles(): $name', ({ names, files }) => {
  expect(storeFiles(names)).toEqual(files)
})
