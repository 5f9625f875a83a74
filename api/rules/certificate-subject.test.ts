/** For which organisations certificates are requested. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { requestedOrganizations } from './certificate-subject.ts'
import { DerError } from './der.ts'

/** Of two organisations, system:nodes and Zürich, and a common name; made with openssl. */
const body =
  'MIHwMIGXAgEAMDUxFTATBgNVBAoMDHN5c3RlbTpub2RlczEQMA4GA1UECgwHWsO8cmljaDEKMAgGA1UEAwwB' +
  'YTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMFfGiDzj2jcBoLySoi8DFINk3RQscWoKVyiG3vLhtoaExAU' +
  'AAYlo4DMklqi5gDc5y4XEy85OtE1CkiHbW7bga6gADAKBggqhkjOPQQDAgNIADBFAiApxc0Nv98iibZGu8ej' +
  'IbJtANuccwqmqxRb0ffebyzRUwIhAMfYt1Xnzbd9VauefuYCd9FMlXVsD+PmJR2Zjl+rUPiN'

const pem = (type: string, bytes: string): string =>
  Buffer.from(`-----BEGIN ${type}-----\n${bytes}\n-----END ${type}-----\n`).toString('base64')

test('every organisation of the subject is found', () => {
  expect(requestedOrganizations(pem('CERTIFICATE REQUEST', body))).toEqual([
    'system:nodes',
    'Zürich',
  ])
})

test.for([pem('CERTIFICATE', body), pem('CERTIFICATE REQUEST', 'MAA='), '', 'bm8='])(
  '%s is no request',
  (text) => {
    expect(() => requestedOrganizations(text)).toThrow(DerError)
  },
)

test('whatever else is asked for, the answer is a list or a DerError', () => {
  const bytes = Buffer.from(body, 'base64')
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Buffer.from(bytes)
      changed[at] = byte
      try {
        const found = requestedOrganizations(pem('CERTIFICATE REQUEST', changed.toString('base64')))
        expect(Array.isArray(found)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(DerError)
      }
    }),
    fuzz(500),
  )
})
