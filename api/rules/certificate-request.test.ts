/** Requests for certificates: what they must hold, and what may become of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { judged, judgedChange, posted } from '../judged.ts'
import { CertificateSigningRequest } from '../kinds/certificates/certificate-signing-request.ts'
import { Path, Problems } from '../problems.ts'
import { stampCertificateConditions, validateNoDecision } from './certificate-conditions.ts'
import { certificateRequestProblem, certificatesProblem } from './certificate-request.ts'

/** Made with openssl, one for each kind of key. */
const requests = {
  rsa:
    'MIIBbjCB2AIBADAvMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFjAUBgNVBAMMDXN5c3RlbTpub2RlOmEw' +
    'gZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAMeVKNgYtqvFg8eSVl4u9+o1mw2vu3n59qPPUcWayo1V' +
    'UibfjbWWR5sS8Fb1xXIKoBJdEPgarLYicuwJkrx5l6O7Gzk3mu1uq5Z+J7bCWd5ymjNG+wixDtD3F0Ep' +
    'vordPs4Y4sKjUn23feYUeS8YoXSEo7NjLND4gCTo4gr8Fnj9AgMBAAGgADANBgkqhkiG9w0BAQsFAAOB' +
    'gQAt7JbSgSCTqmlxqrTk69QBUFA77tynWDY1FNAClC4pzJflO8fBuKLE5F12AgWAYhzOoHETWF/DdnzS' +
    '0Q3x3MozXgPVrVwqBLMF1W9OhHs1dKIvu7BLrOTmJsA+3eBeyQIJFcSE9FEdY8tP9q7OQxz8gsxD7d9H' +
    'WywhEZ7v4vdN6w==',
  ec:
    'MIHqMIGRAgEAMC8xFTATBgNVBAoMDHN5c3RlbTpub2RlczEWMBQGA1UEAwwNc3lzdGVtOm5vZGU6YTBZ' +
    'MBMGByqGSM49AgEGCCqGSM49AwEHA0IABPgkY4ykIshBtezENTpACBAUeVT4mGi5E1eXwa6ZlaoiybuI' +
    '6H5VWX9Puw9z+TWXBgTyd5e03+14ItrpRthUb22gADAKBggqhkjOPQQDAgNIADBFAiEAm8KNwFoEh/qU' +
    'kookzaVMgraazwuR/DYors1BAUHuXuACIEKu2lLcU1x/JviElGSS1x4F09iCUJ/3tVG8mhlxwltF',
  ed:
    'MIGuMGICAQAwLzEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMRYwFAYDVQQDDA1zeXN0ZW06bm9kZTphMCow' +
    'BQYDK2VwAyEAwzxh+DdrOwWcrT2wYEN3Ko3AuFon4lMmaMQSSnUBB5OgADAFBgMrZXADQQDNxtK4WSqL' +
    'Pp5wRkwHCfDdr24uoqec8fxGZexxifbdKXrzbXTr0DCrV2sVfv434S2AFO5PWeFtPEXZFtxOtmgJ',
}
const certificate =
  'MIIBbzCCARWgAwIBAgIUNPcVcf1EaIwo70tWVdSSS39LrYgwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwB' +
  'YTAgFw0yNjExMjAxMjEwNTNaGA8yMTI2MTAyNzEyMTA1M1owDDEKMAgGA1UEAwwBYTBZMBMGByqGSM49' +
  'AgEGCCqGSM49AwEHA0IABPgkY4ykIshBtezENTpACBAUeVT4mGi5E1eXwa6ZlaoiybuI6H5VWX9Puw9z' +
  '+TWXBgTyd5e03+14ItrpRthUb22jUzBRMB0GA1UdDgQWBBRKIXNKOyiytN9TWiZmer0a7+MnmDAfBgNV' +
  'HSMEGDAWgBRKIXNKOyiytN9TWiZmer0a7+MnmDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA' +
  'MEUCIGqC0GJpVGrFG+jwkAxEWM2vBCD3ahgNHE8TcTZmcvjZAiEAgBuPWRqZwqdhagZA2kWuAQBQ8yjw' +
  'QzMR4dDc5Y/SPd4='

const pem = (type: string, body: string): string =>
  Buffer.from(`-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`).toString('base64')
const requestOf = (body: string): string => pem('CERTIFICATE REQUEST', body)

/** The last byte of a request is part of its signature. */
function tampered(body: string): string {
  const bytes = Buffer.from(body, 'base64')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64')
}

describe('a request', () => {
  test.for(Object.entries(requests))('signed with a key of kind %s', ([, body]) => {
    expect(certificateRequestProblem(requestOf(body))).toBeUndefined()
  })

  test.for([
    ['rsa', 'crypto/rsa: verification error'],
    ['ec', 'x509: ECDSA verification failure'],
    ['ed', 'x509: Ed25519 verification failure'],
  ] as const)('changed after it was signed with %s', ([kind, problem]) => {
    expect(certificateRequestProblem(requestOf(tampered(requests[kind])))).toBe(problem)
  })

  test.for([
    '',
    'LS0tLS1CRUdJTg==',
    pem('CERTIFICATE', requests.ec),
    Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n').toString('base64'),
  ])('that is no PEM block of its type: %s', (text) => {
    expect(certificateRequestProblem(text)).toBe('PEM block type must be CERTIFICATE REQUEST')
  })

  test('is judged whatever its bytes are, and never accepted when they are random', () => {
    const arbitrary = fc.uint8Array({ maxLength: 200 })
    const property = fc.property(arbitrary, (bytes) => {
      const body = Buffer.from(bytes).toString('base64')
      expect(certificateRequestProblem(requestOf(body))).toBeTypeOf('string')
    })
    fc.assert(property, fuzz(300))
  })

  test('is judged however it is damaged', () => {
    const bytes = Buffer.from(requests.ec, 'base64')
    const property = fc.property(
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (at, by) => {
        const damaged = Buffer.from(bytes)
        damaged[at]! ^= by
        expect(certificateRequestProblem(requestOf(damaged.toString('base64')))).toBeTypeOf(
          'string',
        )
      },
    )
    fc.assert(property, fuzz(300))
  })
})

test.for([
  [pem('CERTIFICATE', certificate), undefined],
  ['bm90LWEtY2VydA==', 'must contain at least one CERTIFICATE PEM block'],
  [pem('X', certificate), 'only CERTIFICATE PEM blocks are allowed, found "X"'],
  [pem('CERTIFICATE', `A: b\n\n${certificate}`), 'no PEM block headers are permitted'],
  [pem('CERTIFICATE', 'AAAA'), 'x509: malformed certificate'],
] as const)('a certificate %#', ([text, problem]) => {
  expect(certificatesProblem(text)).toBe(problem)
})

const spec = {
  request: requestOf(requests.ec),
  signerName: 'example.com/signer',
  usages: ['client auth'],
}

test.for([
  [{}, []],
  [{ usages: [] }, ['usages: Required value: usages must be provided']],
  [{ usages: ['client auth', 'client auth'] }, ['usages[1]: Duplicate value: "client auth"']],
  [
    { signerName: 'nosigner' },
    [
      `signerName: Invalid value: "nosigner": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
  ],
  [
    { signerName: 'kubernetes.io/legacy-unknown' },
    [
      'signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  ],
  [
    { expirationSeconds: 599 },
    [
      'expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  ],
] as const)('a CertificateSigningRequest with %j', ([change, problems]) => {
  expect(judged(CertificateSigningRequest, { spec: { ...spec, ...change } })).toEqual(
    problems.map((each) => `spec.${each}`),
  )
})

test('who asks is for the server to say, and nothing of a request changes later', () => {
  const request = posted(CertificateSigningRequest, {
    spec: { ...spec, username: 'root', groups: ['system:masters'], extra: { a: ['b'] } },
  })
  CertificateSigningRequest.prepareCreate?.(request)
  expect(request.spec).toEqual(spec)
  const next = posted(CertificateSigningRequest, { spec: { ...spec, signerName: 'other.com/x' } })
  CertificateSigningRequest.prepareUpdate?.(next, request)
  expect(next.spec).toEqual(spec)
})

const approved = { type: 'Approved', status: 'True' }
const denied = { type: 'Denied', status: 'True' }
const statusOf = (...conditions: object[]) => ({ spec, status: { conditions } })
const at = 'status.conditions'

test.for([
  [[], [approved], []],
  [[approved], [], [`${at}: Forbidden: updates may not remove a condition of type "Approved"`]],
  [
    [approved],
    [approved, denied],
    [
      `${at}[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive`,
    ],
  ],
  [
    [],
    [{ type: 'Failed', status: 'False' }],
    [`${at}[0].status: Unsupported value: "False": supported values: "True"`],
  ],
  [[], [{ type: '' }], [`${at}[0].type: Required value`, `${at}[0].status: Required value`]],
  [
    [],
    [
      { type: 'Mine', status: 'Unknown' },
      { type: 'Mine', status: 'True' },
    ],
    [`${at}[1].type: Duplicate value: "Mine"`],
  ],
] as const)('conditions from %j to %j', ([before, after, problems]) => {
  const change = judgedChange(CertificateSigningRequest, statusOf(...before), statusOf(...after))
  expect(change).toEqual(problems)
})

test('a certificate is issued once', () => {
  const issued = pem('CERTIFICATE', certificate)
  const before = { spec, status: { certificate: issued } }
  const after = { spec, status: { certificate: pem('CERTIFICATE', `${certificate}\n`) } }
  expect(judgedChange(CertificateSigningRequest, before, after)).toEqual([
    'status.certificate: Forbidden: updates may not modify existing certificate content',
  ])
  expect(judgedChange(CertificateSigningRequest, { spec }, before)).toEqual([])
})

test('a signer does not decide', () => {
  const problems = new Problems()
  validateNoDecision([approved], [], Path.root.child('status'), problems)
  expect(problems.list.map(({ message }) => message)).toEqual([
    'Forbidden: updates may not add a condition of type "Approved"',
  ])
})

test('conditions say since when they hold', () => {
  const [earlier, now] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
  const previous = [{ ...approved, lastUpdateTime: earlier, lastTransitionTime: earlier }]
  const next: { type: string; status: string; lastUpdateTime?: string }[] = [
    { ...approved },
    { type: 'Failed', status: 'True' },
  ]
  stampCertificateConditions(next, previous, now)
  expect(next).toEqual([
    { ...approved, lastUpdateTime: now, lastTransitionTime: earlier },
    { type: 'Failed', status: 'True', lastUpdateTime: now, lastTransitionTime: now },
  ])
})
