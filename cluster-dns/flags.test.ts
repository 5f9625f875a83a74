/** Flags that name servers, and the file that names them where no flag does. */
import { expect, test } from 'vitest'
import { parseServer, parseStubDomains, serversIn } from './flags.ts'

test.for([
  ['10.0.0.1', { host: '10.0.0.1', port: 53 }],
  ['10.0.0.1:5353', { host: '10.0.0.1', port: 5353 }],
  ['fd00::1', { host: 'fd00::1', port: 53 }],
  ['[fd00::1]', { host: 'fd00::1', port: 53 }],
  ['[fd00::1]:5353', { host: 'fd00::1', port: 5353 }],
] as const)('parseServer(): %s', ([text, wanted]) => {
  expect(parseServer('upstream', text)).toEqual(wanted)
})

test.for(['', 'dns.example.com', '10.0.0.1:0', '10.0.0.1:65536', '[10.0.0.1'])(
  'parseServer(): "%s" is none',
  (text) => {
    expect(() => parseServer('upstream', text)).toThrow(
      `--upstream: found "${text}", wanted an address such as 10.0.0.1:53`,
    )
  },
)

test('parseStubDomains(): several servers for a domain, several domains', () => {
  const texts = ['Corp.Test.=10.0.0.1', 'corp.test=10.0.0.2:54', 'lab=10.0.0.3']
  expect(parseStubDomains(texts)).toEqual(
    new Map([
      [
        'corp.test',
        [
          { host: '10.0.0.1', port: 53 },
          { host: '10.0.0.2', port: 54 },
        ],
      ],
      ['lab', [{ host: '10.0.0.3', port: 53 }]],
    ]),
  )
  expect(() => parseStubDomains(['corp.test'])).toThrow(/wanted domain=address/)
})

test('serversIn(): what a resolv.conf says besides servers does not matter', () => {
  const text = '# nameserver 10.9.9.9\nsearch corp.test\n nameserver 10.0.0.1\nnameserver fd00::1\n'
  expect(serversIn(text).map(({ host }) => host)).toEqual(['10.0.0.1', 'fd00::1'])
})
