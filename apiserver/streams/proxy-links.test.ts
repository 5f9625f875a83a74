/** Links of proxied servers: which lead back through the proxy. */
import { expect, test } from 'vitest'
import { LinkRewriter } from './proxy-links.ts'

const links = new LinkRewriter({ prefix: '/proxy', ownHosts: ['10.0.0.1:80', 'localhost:8001'] })

test.for([
  ['/', '/proxy/'],
  ['/a?b#c', '/proxy/a?b#c'],
  ['/proxy/a', '/proxy/a'],
  ['/proxyish', '/proxy/proxyish'],
  ['http://10.0.0.1:80/a', '/proxy/a'],
  ['https://localhost:8001/a?x', '/proxy/a?x'],
  ['//10.0.0.1:80', '/proxy/'],
  ['http://example.com/a', 'http://example.com/a'],
  ['//example.com/a', '//example.com/a'],
  ['a/b', 'a/b'],
  ['?x=1', '?x=1'],
  ['#here', '#here'],
  ['', ''],
  ['mailto:someone@example.com', 'mailto:someone@example.com'],
  ['javascript:go()', 'javascript:go()'],
] as const)('%s becomes %s', ([link, wanted]) => {
  expect(links.rewritten(link)).toBe(wanted)
})
