/** Flags that hold more than one value. */
import { expect, test } from 'vitest'
import { addressAndPort } from './flags.ts'

test.for([
  ['0.0.0.0:10256', { host: '0.0.0.0', port: 10_256 }],
  [':10256', { host: '0.0.0.0', port: 10_256 }],
  ['[::1]:80', { host: '::1', port: 80 }],
] as const)('addressAndPort(): %s', ([text, wanted]) => {
  expect(addressAndPort('flag', text)).toEqual(wanted)
})

test.for(['', '10.0.0.1', '10.0.0.1:x', '10.0.0.1:65536', '::1:80'])(
  'addressAndPort(): "%s" is neither',
  (text) => {
    expect(() => addressAndPort('healthz-bind-address', text)).toThrow(
      `--healthz-bind-address: found "${text}", wanted an address and a port`,
    )
  },
)
