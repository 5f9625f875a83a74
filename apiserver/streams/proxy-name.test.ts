/** Names of proxy requests: scheme, object and port. */
import { expect, test } from 'vitest'
import { parseProxyName } from './proxy-name.ts'

test.for([
  ['web', { isSecure: false, name: 'web', port: '' }],
  ['web:80', { isSecure: false, name: 'web', port: '80' }],
  ['web:', { isSecure: false, name: 'web', port: '' }],
  [':web:http', { isSecure: false, name: 'web', port: 'http' }],
  ['http:web:80', { isSecure: false, name: 'web', port: '80' }],
  ['https:web:', { isSecure: true, name: 'web', port: '' }],
  ['https:web:8443', { isSecure: true, name: 'web', port: '8443' }],
  ['', undefined],
  [':80', undefined],
  ['ftp:web:21', undefined],
  ['https::443', undefined],
  ['a:b:c:d', undefined],
] as const)('%s', ([text, wanted]) => {
  expect(parseProxyName(text)).toEqual(wanted)
})
