/** A service starts, stops on signals within its grace, and its exit code says how it went. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from './clock.ts'
import type { Host, StopSignal } from './host.ts'
import { option } from './options.ts'
import { seededRandom } from './random.ts'
import { exitCodes, runService, type Service, type ServiceContext } from './service.ts'

const GRACE_MS = 10_000
const options = { Flags: { port: option.port({ help: 'Port.', default: 1 }) } }

function fakeHost(given: readonly string[], environment: Record<string, string> = {}) {
  const exits: number[] = []
  const signalListeners = new Set<(signal: StopSignal) => void>()
  const crashListeners = new Set<(error: unknown) => void>()
  const text = { output: '', errors: '' }
  const host: Host = {
    arguments: given,
    environment,
    output: appendTo(text, 'output'),
    errors: appendTo(text, 'errors'),
    isTerminal: false,
    columns: 80,
    onSignal: (listener) => listen(signalListeners, listener),
    onCrash: (listener) => listen(crashListeners, listener),
    exit: (code) => void exits.push(code),
  }
  return {
    host,
    exits,
    text,
    signal: (signal: StopSignal) => signalListeners.forEach((listener) => void listener(signal)),
    crash: (error: unknown) => crashListeners.forEach((listener) => void listener(error)),
    listeners: () => signalListeners.size + crashListeners.size,
    messages: () =>
      text.output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).message as string),
  }
}

function appendTo(text: { output: string; errors: string }, to: 'output' | 'errors') {
  return {
    write(written: string) {
      text[to] += written
    },
  }
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): Disposable {
  listeners.add(listener)
  return { [Symbol.dispose]: () => void listeners.delete(listener) }
}

type Start = Service<typeof options>['start']

const idle = async (): Promise<AsyncDisposable> => ({ [Symbol.asyncDispose]: async () => {} })

async function begin(start: Start, given: readonly string[] = []) {
  const clock = new ManualClock()
  const fake = fakeHost(given)
  const service: Service<typeof options> = {
    name: 'apiserver',
    summary: 'serves the API',
    version: 'nanokube v0.1.0',
    options,
    graceMs: GRACE_MS,
    start,
  }
  const surroundings = { host: fake.host, clock, random: seededRandom(1) }
  const running = runService(service, surroundings)
  await clock.settle()
  return { ...fake, clock, running }
}

describe('stopping', () => {
  test.for(['SIGTERM', 'SIGINT'] as const)('%s drains and exits with 0', async (name) => {
    let drained = false
    const started: number[] = []
    const { signal, running, exits, messages, listeners, clock } = await begin(
      async (values) => {
        started.push(values.port)
        return {
          async [Symbol.asyncDispose]() {
            await clock.sleep(100)
            drained = true
          },
        }
      },
      ['--port=7'],
    )
    expect(started).toEqual([7])
    signal(name)
    await clock.advance(100)
    await running
    expect(drained).toBe(true)
    expect(exits).toEqual([exitCodes.stopped])
    expect(messages()).toEqual(['started', 'stopping', 'stopped'])
    expect([listeners(), clock.pendingTimers]).toEqual([0, 0])
  })

  test('the signal reaches a start that is still under way', async () => {
    const { signal, running, exits, messages } = await begin(
      (_, context) =>
        new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason))
        }),
    )
    signal('SIGTERM')
    await running
    expect(exits).toEqual([exitCodes.stopped])
    expect(messages()).toEqual(['stopping'])
  })

  test('a start that breaks while stopping is logged, not hidden', async () => {
    const { signal, running, exits, messages } = await begin(
      (_, context) =>
        new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => reject(new Error('half open')))
        }),
    )
    signal('SIGTERM')
    await running
    expect(exits).toEqual([exitCodes.stopped])
    expect(messages()).toEqual(['stopping', 'start broken off'])
  })

  test.for([
    ['a drain', async () => ({ [Symbol.asyncDispose]: () => new Promise<void>(() => {}) })],
    ['a start', () => new Promise<never>(() => {})],
  ] as const)('%s that hangs ends with the grace', async ([, start]) => {
    const { signal, running, exits, clock, messages } = await begin(start)
    signal('SIGTERM')
    await clock.advance(GRACE_MS - 1)
    expect(exits).toEqual([])
    await clock.advance(1)
    await running
    expect(exits).toEqual([exitCodes.failed])
    expect(messages().at(-1)).toBe('cannot stop: still busy at the end of the grace')
  })

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a second %s ends it at once', async ([name, code]) => {
    const hanging = async () => ({ [Symbol.asyncDispose]: () => new Promise<void>(() => {}) })
    const { signal, exits } = await begin(hanging)
    signal(name)
    expect(exits).toEqual([])
    signal(name)
    expect(exits).toEqual([code])
  })

  test('a drain that fails is a failure', async () => {
    const { signal, running, exits, messages } = await begin(async () => ({
      [Symbol.asyncDispose]: () => Promise.reject(new Error('cannot flush')),
    }))
    signal('SIGTERM')
    await running
    expect(exits).toEqual([exitCodes.failed])
    expect(messages().at(-1)).toBe('cannot stop cleanly')
  })

  test.for([
    [new Error('lost the lease'), exitCodes.failed, 'stopping because of an error'],
    [undefined, exitCodes.stopped, 'stopping'],
  ] as const)('a service may stop itself: %s', async ([cause, code, message]) => {
    const context = Promise.withResolvers<ServiceContext>()
    const { running, exits, messages } = await begin((_, given) => {
      context.resolve(given)
      return idle()
    })
    const { stop } = await context.promise
    stop(cause)
    stop(new Error('too late to matter'))
    await running
    expect(exits).toEqual([code])
    expect(messages()).toEqual(['started', message, 'stopped'])
  })
})

describe('failing', () => {
  test('a start that fails is logged and exits with 1', async () => {
    const { running, exits, text } = await begin(() => Promise.reject(new Error('port in use')))
    await running
    expect(exits).toEqual([exitCodes.failed])
    expect(JSON.parse(text.output)).toMatchObject({
      level: 'fatal',
      message: 'cannot start',
      error: { message: 'port in use' },
    })
  })

  test('what nobody caught is logged and exits with 70', async () => {
    const { crash, exits, text } = await begin(idle)
    crash(new TypeError('x is undefined'))
    expect(exits).toEqual([exitCodes.crashed])
    expect(JSON.parse(text.output.trim().split('\n').at(-1)!)).toMatchObject({
      level: 'fatal',
      message: 'crashed',
      error: { type: 'TypeError' },
    })
  })

  test('output that nobody reads ends it without another line', async () => {
    const { crash, exits, messages } = await begin(idle)
    crash(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    expect(exits).toEqual([exitCodes.brokenPipe])
    expect(messages()).toEqual(['started'])
  })
})

describe('command line', () => {
  test('every problem is printed, and nothing starts', async () => {
    let started = false
    const { running, exits, text } = await begin(() => {
      started = true
      return idle()
    }, ['--prt=1', 'word'])
    await running
    expect(exits).toEqual([exitCodes.usage])
    expect(started).toBe(false)
    expect(text.errors).toBe(
      'apiserver: unknown flag: --prt (did you mean --port?)\n' +
        'apiserver: unexpected argument "word"\n' +
        'Run "apiserver --help" for the flags.\n',
    )
  })

  test.for([['--help'], ['-h'], ['--unknown', '--help']])('%s prints the help', async (given) => {
    const { running, exits, text } = await begin(idle, given)
    await running
    expect(exits).toEqual([exitCodes.stopped])
    for (const flag of ['--port int', '--log-level', '--logging-format', '-h, --help', '--version'])
      expect(text.output).toContain(flag)
  })

  test('--version prints the version', async () => {
    const { running, exits, text } = await begin(idle, ['--version'])
    await running
    expect([exits, text.output]).toEqual([[exitCodes.stopped], 'nanokube v0.1.0\n'])
  })

  test.for([
    [[], { debug: false, trace: false }],
    [['--log-level=debug'], { debug: true, trace: false }],
    [['-v4'], { debug: true, trace: false }],
    [['--v=6'], { debug: true, trace: true }],
    [['--log-level=trace', '-v=4'], { debug: true, trace: true }],
  ] as const)('%j sets the level of the log', async ([given, wanted]) => {
    const levels: unknown[] = []
    await begin((_, { log }) => {
      levels.push({ debug: log.enabled('debug'), trace: log.enabled('trace') })
      return idle()
    }, given)
    expect(levels).toEqual([wanted])
  })

  test('--logging-format=text writes lines for people', async () => {
    const { text } = await begin(idle, ['--logging-format=text'])
    expect(text.output).toBe('00:00:00.000 INFO  apiserver started startMs=0\n')
  })
})
