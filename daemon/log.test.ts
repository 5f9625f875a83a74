/** Log lines carry what they should, in both formats. */
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ManualClock } from './clock.ts'
import { createLog, type LogOptions, reference } from './log.ts'

function setUp(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({
    service: 'scheduler',
    level: 'debug',
    format: 'json',
    colours: false,
    clock: new ManualClock(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
    sink: { write: (line) => void lines.push(line) },
    ...options,
  })
  return { log, lines, first: () => JSON.parse(lines[0]!) }
}

describe('json', () => {
  test('a line carries time, level, service, message and fields', () => {
    const { log, lines, first } = setUp()
    log.info('bound pod', { object: 'Pod/default/web', node: 'n1' })
    expect(lines[0]).toMatch(/\}\n$/)
    expect(first()).toEqual({
      time: '2030-01-02T03:04:05.678Z',
      level: 'info',
      service: 'scheduler',
      message: 'bound pod',
      object: 'Pod/default/web',
      node: 'n1',
    })
  })

  test('lines below the level are left out, and enabled() says so', () => {
    const { log, lines } = setUp({ level: 'warn' })
    log.info('quiet')
    log.error('loud')
    expect(lines).toHaveLength(1)
    expect([log.enabled('info'), log.enabled('warn'), log.enabled('fatal')]).toEqual([
      false,
      true,
      true,
    ])
  })

  test('a child adds its fields to every line', () => {
    const { log, first } = setUp()
    log.child({ object: 'Pod/a/b' }).warn('late', { ms: 3 })
    expect(first()).toMatchObject({ object: 'Pod/a/b', ms: 3 })
  })

  test('an error shows its causes and parts, and a circle of causes ends', () => {
    const { log, first } = setUp()
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    cause.cause = cause
    log.error('write failed', {
      error: new AggregateError([new TypeError('part')], 'all', { cause }),
    })
    expect(first().error).toMatchObject({
      type: 'AggregateError',
      message: 'all',
      cause: { message: 'refused', code: 'ECONNREFUSED' },
      errors: [{ type: 'TypeError', message: 'part' }],
    })
  })

  test.for(['text', 7, undefined, null])('what was thrown may be %s', (thrown) => {
    const { log, lines } = setUp()
    log.error('odd', { error: thrown })
    expect(JSON.parse(lines[0]!).message).toBe('odd')
  })

  test('a line break or quote in a value does not break the line', () => {
    const { log, lines, first } = setUp()
    log.info('odd', { name: 'a"\n{b' })
    expect(lines).toHaveLength(1)
    expect(lines[0]!.trimEnd()).not.toContain('\n')
    expect(first().name).toBe('a"\n{b')
  })
})

describe('text', () => {
  const text = (colours: boolean) => setUp({ format: 'text', colours })

  test('reads left to right, fields quoted where that is needed', () => {
    const { log, lines } = text(false)
    log.info('bound pod', { object: 'Pod/default/web', reason: 'it fits', ms: 3, nodes: ['a'] })
    expect(lines).toEqual([
      '03:04:05.678 INFO  scheduler bound pod object=Pod/default/web reason="it fits" ms=3 nodes=["a"]\n',
    ])
  })

  test('an error follows with its stack, its cause and its parts', () => {
    const { log, lines } = text(false)
    const error = new AggregateError([new Error('part')], 'all', { cause: new Error('root') })
    log.error('failed', { error })
    expect(lines[0]).toMatch(/^03:04:05.678 ERROR scheduler failed\n {4}AggregateError: all\n/)
    expect(lines[0]).toMatch(/caused by:\n {4}Error: root/)
    expect(lines[0]).toContain('\n    Error: part')
  })

  test('something odd that was thrown is shown too', () => {
    const { log, lines } = text(false)
    log.error('failed', { error: 'a text' })
    expect(lines[0]).toContain('failed error="a text"\n')
  })

  test('colours change nothing but the colours', () => {
    const plain = text(false)
    const coloured = text(true)
    for (const { log } of [plain, coloured]) log.warn('careful', { a: 1 })
    expect(coloured.lines[0]).not.toBe(plain.lines[0])
    expect(stripVTControlCharacters(coloured.lines[0]!)).toBe(plain.lines[0])
  })
})

test.for([
  ['Pod', { namespace: 'default', name: 'web' }, 'Pod/default/web'],
  ['Node', { name: 'n1' }, 'Node/n1'],
  ['Pod', {}, 'Pod/'],
] as const)('reference(%s, %j)', ([kind, meta, wanted]) => {
  expect(reference(kind, meta)).toBe(wanted)
})
