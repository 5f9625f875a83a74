/** What paths and queries of kubelets mean, and which are refused. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { attributesOf } from './attributes.ts'
import { commandStreams } from './command.ts'
import { logTarget } from './log-target.ts'
import { firstBytes, wantedLog } from './logs.ts'
import { targetOf } from './pod-target.ts'
import { portsIn } from './port-forward.ts'
import { sizesIn } from './terminal-sizes.ts'

const query = (text: string): URLSearchParams => new URLSearchParams(text)
const NOW = 1_000_000

test.for([
  ['', { follow: false, timestamps: false, isPrevious: false }],
  ['follow=true&timestamps&previous=0', { follow: true, timestamps: true, isPrevious: false }],
  ['tailLines=0&limitBytes=9', { tail: 0, bytesMax: 9 }],
  ['sinceSeconds=10', { sinceMs: NOW - 10_000 }],
  ['sinceTime=1970-01-01T00:00:02Z', { sinceMs: 2000 }],
  ['stream=Stderr', { stream: 'stderr' }],
] as const)('a log with %s', ([text, expected]) => {
  expect(wantedLog(query(text), NOW)).toMatchObject(expected)
})

test.for([
  ['sinceSeconds=1&sinceTime=1970-01-01T00:00:02Z', 'at most one of'],
  ['tailLines=-1', 'tailLines: is "-1"'],
  ['limitBytes=x', 'limitBytes: is "x"'],
  ['sinceSeconds=0', 'sinceSeconds: is "0"'],
  ['sinceTime=noon', 'sinceTime: is "noon"'],
  ['stream=Both', 'stream "Both" is not supported'],
])('a log with %s is refused', ([text, why]) => {
  expect(() => wantedLog(query(text!), NOW)).toThrow(why)
})

test('no more bytes are read than are wanted', async () => {
  let given = 0
  const endless = Readable.from(
    (function* () {
      for (;;) {
        given++
        yield Buffer.from('12345')
      }
    })(),
    { highWaterMark: 1 },
  )
  const read: string[] = []
  for await (const chunk of firstBytes(endless, 12)) read.push(chunk.toString())
  expect(read).toEqual(['12345', '12345', '12'])
  expect(endless.destroyed).toBe(true)
  expect(given).toBeLessThan(10)
})

test.for([
  ['input=1&output=1&error=1', { stdin: true, stdout: true, stderr: true, tty: false }],
  ['output=true&error=true&tty=true', { stdin: false, stdout: true, stderr: false, tty: true }],
] as const)('a command with %s', ([text, expected]) => {
  expect(commandStreams(query(text))).toEqual(expected)
})

test('a command without streams is refused', () => {
  expect(() => commandStreams(query('command=ls'))).toThrow('at least 1 of stdin, stdout, stderr')
})

test('ports may be listed, repeated or both', () => {
  expect(portsIn(query('port=80&port=81,82'))).toEqual([80, 81, 82])
})

test.for(['', 'port=0', 'port=65536', 'port=x', 'port='])('"%s" names no ports', (text) => {
  expect(() => portsIn(query(text))).toThrow(/port/)
})

test.for([
  ['/exec/shop/web/main', true, { namespace: 'shop', pod: 'web', container: 'main' }],
  [
    '/exec/shop/web/u-1/main',
    true,
    { namespace: 'shop', pod: 'web', uid: 'u-1', container: 'main' },
  ],
  ['/portForward/shop/web', false, { namespace: 'shop', pod: 'web' }],
  ['/portForward/shop/web/u-1', false, { namespace: 'shop', pod: 'web', uid: 'u-1' }],
  ['/exec/shop/web', true, undefined],
  ['/exec/shop/web/u-1/main/more', true, undefined],
  ['/exec/shop//main', true, undefined],
] as const)('%s', ([path, hasContainer, target]) => {
  expect(targetOf(path, hasContainer)).toEqual(target)
})

test.for([
  ['{"Width":80,"Height":24}', [{ columns: 80, rows: 24 }], ''],
  [
    '{"Width":80,"Height":24}\n{"Width":1,"Height":2}{"Wid',
    [
      { columns: 80, rows: 24 },
      { columns: 1, rows: 2 },
    ],
    '{"Wid',
  ],
  ['{"Width":0,"Height":24}{"Width":"x","Height":1}{bad}', [], ''],
] as const)('sizes in %s', ([text, sizes, rest]) => {
  expect(sizesIn(text)).toEqual({ sizes, rest })
})

test.for([
  ['GET', '/stats/summary', 'get', ['stats']],
  ['GET', '/metrics/cadvisor', 'get', ['metrics']],
  ['GET', '/logs/x', 'get', ['log']],
  ['POST', '/exec/a/b/c', 'create', ['proxy']],
  ['GET', '/containerLogs/a/b/c', 'get', ['proxy']],
  ['GET', '/pods', 'get', ['pods', 'proxy']],
  ['GET', '/runningpods/', 'get', ['pods', 'proxy']],
  ['GET', '/healthz/ping', 'get', ['healthz', 'proxy']],
  ['GET', '/configz', 'get', ['configz', 'proxy']],
  ['GET', '/metricsx', 'get', ['proxy']],
] as const)('%s %s needs %s on %s', ([method, path, verb, subresources]) => {
  expect(attributesOf(method, path)).toEqual({ verb, subresources })
})

const podWith = (status: object | undefined) =>
  ({
    metadata: { name: 'p' },
    status: { containerStatuses: status ? [{ name: 'c', ...status }] : [] },
  }) as never

const last = { lastState: { terminated: { containerID: 'docker://old' } } }

test.for([
  { status: {}, newest: 'new', id: 'new' },
  { status: last, isPrevious: true, id: 'old' },
  { status: { ...last, state: { waiting: { reason: 'CrashLoopBackOff' } } }, id: 'old' },
  { status: undefined, says: 'container "c" in pod "p" is not available' },
  { status: {}, says: 'container "c" in pod "p" is waiting to start - no logs yet' },
  {
    status: { state: { waiting: { reason: 'ErrImagePull' } } },
    says: 'container "c" in pod "p" is waiting to start: image can\'t be pulled',
  },
  { status: { state: { terminated: {} } }, says: 'container "c" in pod "p" is terminated' },
  {
    status: {},
    isPrevious: true,
    newest: 'new',
    says: 'previous terminated container "c" in pod "p" not found',
  },
])('logTarget() $status', ({ status, isPrevious = false, newest, id, says }) => {
  const expected = id ? { type: 'container', id } : { type: 'none', message: says }
  expect(logTarget(podWith(status), 'c', isPrevious, newest)).toEqual(expected)
})
