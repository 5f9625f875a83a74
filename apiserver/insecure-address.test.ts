/** Where plain HTTP may be served. */
import { expect, test } from 'vitest'
import { checkInsecureAddress } from './insecure-address.ts'

const check = (insecureBindAddress: string | undefined, insecureAllowRemote = false) =>
  checkInsecureAddress({ insecureBindAddress, insecureAllowRemote })

test.for(['127.0.0.1', '127.8.9.1', '::1', 'localhost', undefined])('%s is fine', (address) => {
  expect(() => check(address)).not.toThrow()
})

test.for(['0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', 'example.com', ''])(
  '"%s" must be insisted on',
  (address) => {
    expect(() => check(address)).toThrow('is not a loopback address')
    expect(() => check(address, true)).not.toThrow()
  },
)
