/** The health endpoints answer word for word as upstream's do. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from './clock.ts'
import { createHealth } from './health.ts'
import { createLog } from './log.ts'

function setUp() {
  const clock = new ManualClock()
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const log = createLog({
    service: 'x',
    level: 'info',
    format: 'json',
    colours: false,
    clock,
    sink,
  })
  const health = createHealth(clock, log)
  const ask = (url: string) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    return health.answer(pathname, searchParams)
  }
  return { clock, lines, health, ask }
}

const broken = () => {
  throw new Error('disk on fire')
}

describe('while all is well', () => {
  test.for([
    ['/livez', 'ok'],
    ['/healthz', 'ok'],
    ['/readyz?verbose=false', '[+]ping ok\n[+]etcd ok\nreadyz check passed\n'],
    ['/livez?verbose', '[+]ping ok\n[+]etcd ok\nlivez check passed\n'],
    ['/livez?verbose&exclude=etcd', '[+]ping ok\n[+]etcd excluded: ok\nlivez check passed\n'],
    [
      '/livez?verbose&exclude=b&exclude=a',
      '[+]ping ok\n[+]etcd ok\n' +
        'warn: some health checks cannot be excluded: no matches for "a","b"\n' +
        'livez check passed\n',
    ],
    ['/livez/ping', 'ok'],
    ['/livez/etcd', 'ok'],
  ])('%s', async ([url, body]) => {
    const { health, ask } = setUp()
    health.add('etcd', () => {})
    expect(await ask(url!)).toMatchObject({ status: 200, body })
  })
})

describe('while a check fails', () => {
  test.for([
    ['/readyz', 500, '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n'],
    ['/readyz?verbose', 500, '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n'],
    ['/readyz?exclude=etcd', 200, 'ok'],
    ['/readyz/etcd', 500, 'internal server error: disk on fire\n'],
    ['/livez', 200, 'ok'],
  ] as const)('%s', async ([url, status, body]) => {
    const { health, ask } = setUp()
    health.add('etcd', broken, ['readyz'])
    expect(await ask(url)).toMatchObject({ status, body })
  })

  test('the reason is in the log, and there alone', async () => {
    const { health, ask, lines } = setUp()
    health.add('etcd', broken)
    await ask('/readyz')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'warn',
      message: 'health check failed',
      endpoint: 'readyz',
      check: 'etcd',
      error: { message: 'disk on fire' },
    })
  })
})

test.for(['/', '/livez/', '/livez/other', '/metrics', '/livezz', '/LIVEZ', '/constructor'])(
  '%s is no health endpoint',
  async (url) => {
    expect(await setUp().ask(url)).toBeUndefined()
  },
)

test('a name may have parts, as upstream has poststarthook/...', async () => {
  const { health, ask } = setUp()
  health.add('poststarthook/rbac', () => {})
  expect(await ask('/readyz/poststarthook/rbac')).toMatchObject({ status: 200, body: 'ok' })
})

test('the type is said, and not to be guessed', async () => {
  expect((await setUp().ask('/livez'))?.headers).toEqual({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
})

test('a name that is taken is refused', () => {
  const { health } = setUp()
  expect(() => health.add('ping', () => {})).toThrow('check "ping" is there already')
})

test('checks run side by side, answer in order, and one that hangs has failed', async () => {
  const { health, ask, clock } = setUp()
  health.add('slow', () => clock.sleep(1_000))
  health.add('hangs', () => new Promise(() => {}))
  health.add('quick', async () => {})
  const answer = ask('/livez?verbose')
  await clock.advance(2_000)
  expect(await answer).toMatchObject({
    status: 500,
    body: '[+]ping ok\n[+]slow ok\n[-]hangs failed: reason withheld\n[+]quick ok\nlivez check failed\n',
  })
  expect(clock.pendingTimers).toBe(0)
})
