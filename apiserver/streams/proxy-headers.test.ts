/** Headers of proxied requests: credentials and connections stay here. */
import { describe, expect, test } from 'vitest'
import { requestHeaders, responseHeaders } from './proxy-headers.ts'
import { LinkRewriter } from './proxy-links.ts'

const forwarded = { address: '10.0.0.9', uri: '/prefix/x', isSecure: true }
const added = {
  'x-forwarded-for': '10.0.0.9',
  'x-forwarded-uri': '/prefix/x',
  'x-forwarded-proto': 'https',
}

describe('requests', () => {
  test.for([
    {
      name: 'credentials',
      headers: { authorization: 'Bearer secret', accept: 'a' },
      kept: { accept: 'a' },
    },
    {
      name: 'who is acted for',
      headers: { 'impersonate-user': 'x', 'x-remote-group': 'y' },
      kept: {},
    },
    {
      name: 'the connection',
      headers: { connection: 'close, x-own', 'x-own': '1', te: 'gzip' },
      kept: {},
    },
    { name: 'offers of protocols', headers: { upgrade: 'h2c', connection: 'Upgrade' }, kept: {} },
  ])('do not pass on $name', ({ headers, kept }) => {
    expect(requestHeaders(headers, forwarded, false)).toEqual({ ...kept, ...added })
  })

  test('tell which way they came', () => {
    const headers = { host: 'api', 'x-forwarded-for': '1.2.3.4' }
    expect(requestHeaders(headers, { ...forwarded, isSecure: false }, false)).toEqual({
      host: 'api',
      'x-forwarded-for': '1.2.3.4, 10.0.0.9',
      'x-forwarded-host': 'api',
      'x-forwarded-uri': '/prefix/x',
      'x-forwarded-proto': 'http',
    })
  })

  test('for another protocol keep what it needs, but no token in disguise', () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': 'chat, base64url.bearer.authorization.k8s.io.c2VjcmV0',
    }
    expect(requestHeaders(headers, forwarded, true)).toEqual({
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': 'chat',
      ...added,
    })
  })
})

test('answers lead back through the proxy', () => {
  const links = new LinkRewriter({ prefix: '/prefix', ownHosts: [] })
  const headers = { location: '/login', connection: 'close', 'set-cookie': ['a=1', 'b=2'] }
  const wanted = { location: '/prefix/login', 'set-cookie': ['a=1', 'b=2'] }
  expect(responseHeaders(headers, links)).toEqual(wanted)
})
