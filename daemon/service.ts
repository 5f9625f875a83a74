/** Runs a service as a process: flags, start, stop on signals within a grace, exit codes. */
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { type Host, type StopSignal, systemHost } from './host.ts'
import { createLog, type Log, type LogLevel, logLevels } from './log.ts'
import {
  type OptionSections,
  type OptionValues,
  option,
  parseOptions,
  UsageError,
} from './options.ts'
import { helpText } from './options-help.ts'
import { type Random, systemRandom } from './random.ts'

export interface ServiceContext {
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  /** Aborted as soon as the service shall stop, also while it is still starting. */
  readonly signal: AbortSignal
  /** Asks for an orderly stop from inside; with a cause the process exits with a failure. */
  stop(cause?: Error): void
}

export interface Service<Sections extends OptionSections> {
  readonly name: string
  readonly summary: string
  /** What --version prints. */
  readonly version: string
  readonly options: Sections
  /** How long the orderly stop may take before the process ends without it. */
  readonly graceMs: number
  /** What it returns is disposed of on stop: that is where requests and writes are drained. */
  start(values: OptionValues<Sections>, context: ServiceContext): Promise<AsyncDisposable>
}

export interface Surroundings {
  readonly host: Host
  readonly clock: Clock
  readonly random: Random
}

export const exitCodes = {
  stopped: 0,
  /** It could not start, could not stop in time, or asked for a stop because of an error. */
  failed: 1,
  usage: 2,
  /** A bug: an exception or rejection that nobody caught. */
  crashed: 70,
  brokenPipe: 141,
} as const

/** A shell reports a process that a signal ended as 128 and the signal's number. */
const signalExitCodes: Record<StopSignal, number> = { SIGINT: 130, SIGTERM: 143 }

/** klog's verbosities, which many kube command lines carry: from here on more is written. */
const DEBUG_VERBOSITY = 4
const TRACE_VERBOSITY = 6

const commonOptions = {
  'Log flags': {
    'log-level': option.choice(logLevels, { help: 'Least severe level to log.', default: 'info' }),
    'logging-format': option.choice(['auto', 'json', 'text'], {
      help: 'Format of log lines; auto means text on a terminal and json elsewhere.',
      default: 'auto',
    }),
    v: option.integer({
      help: 'Log verbosity as a number: 4 means debug, 6 means trace.',
      default: 0,
      min: 0,
      short: 'v',
    }),
  },
  'General flags': {
    help: option.boolean({ help: 'Print this text and exit.', short: 'h' }),
    version: option.boolean({ help: 'Print the version and exit.' }),
  },
} satisfies OptionSections

/** Ends when the process exits; a main.ts is one call of this. */
export async function runService<const Sections extends OptionSections>(
  service: Service<Sections>,
  surroundings: Surroundings = { host: systemHost, clock: systemClock, random: systemRandom },
): Promise<void> {
  const { host } = surroundings
  const command = readCommand(service, host)
  if (command.exitCode !== undefined) return host.exit(command.exitCode)
  const log = createServiceLog(service.name, command.common, surroundings)
  using _crashes = host.onCrash((error) => crash(error, log, host))
  host.exit(await run(service, command.values, surroundings, log))
}

type Command<Sections extends OptionSections> =
  | { readonly exitCode: number }
  | {
      readonly exitCode?: undefined
      readonly values: OptionValues<Sections>
      readonly common: OptionValues<typeof commonOptions>
    }

function readCommand<Sections extends OptionSections>(
  service: Service<Sections>,
  host: Host,
): Command<Sections> {
  const options = { ...service.options, ...commonOptions }
  // Asked for help or version, we answer, even where the rest of the line is unusable.
  if (host.arguments.includes('--help') || host.arguments.includes('-h')) {
    host.output.write(helpText({ ...service, options }, host.columns))
    return { exitCode: exitCodes.stopped }
  }
  if (host.arguments.includes('--version')) {
    host.output.write(`${service.version}\n`)
    return { exitCode: exitCodes.stopped }
  }
  try {
    const { values } = parseOptions(options, host)
    return {
      values: values as unknown as OptionValues<Sections>,
      common: values as unknown as OptionValues<typeof commonOptions>,
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    for (const problem of error.problems) host.errors.write(`${service.name}: ${problem}\n`)
    host.errors.write(`Run "${service.name} --help" for the flags.\n`)
    return { exitCode: exitCodes.usage }
  }
}

function createServiceLog(
  service: string,
  common: OptionValues<typeof commonOptions>,
  { host, clock }: Surroundings,
): Log {
  const automatic = host.isTerminal ? 'text' : 'json'
  return createLog({
    service,
    level: levelFor(common.logLevel, common.v),
    format: common.loggingFormat === 'auto' ? automatic : common.loggingFormat,
    colours: host.isTerminal && !host.environment.NO_COLOR,
    clock,
    sink: host.output,
  })
}

/** The more talkative of the two wins. */
function levelFor(named: LogLevel, verbosity: number): LogLevel {
  if (verbosity >= TRACE_VERBOSITY || named === 'trace') return 'trace'
  return verbosity >= DEBUG_VERBOSITY ? 'debug' : named
}

function crash(error: unknown, log: Log, host: Host): void {
  // Nobody reads the output any more, as in `service | head`: logging would break again.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') {
    host.errors.write('output: broken pipe, stopping\n')
    host.exit(exitCodes.brokenPipe)
    return
  }
  log.fatal('crashed', { error })
  host.exit(exitCodes.crashed)
}

async function run<Sections extends OptionSections>(
  service: Service<Sections>,
  values: OptionValues<Sections>,
  { host, clock, random }: Surroundings,
  log: Log,
): Promise<number> {
  const stopping = new AbortController()
  const { signal } = stopping
  let cause: Error | undefined
  const stop = (error?: Error): void => {
    if (signal.aborted) return
    cause = error
    if (error) log.error('stopping because of an error', { error })
    else log.info('stopping')
    stopping.abort(new DOMException('the service is stopping', 'AbortError'))
  }
  using _signals = host.onSignal((name) => {
    if (!signal.aborted) return stop()
    log.warn('stopping at once: asked a second time', { signal: name })
    host.exit(signalExitCodes[name])
  })
  const ended = new AbortController()
  const life = live(service, values, { log, clock, random, signal, stop })
  const outcome = await Promise.race([
    life,
    graceOver(signal, service.graceMs, clock, ended.signal),
  ])
  ended.abort()
  if (outcome === 'grace over') {
    log.error('cannot stop: still busy at the end of the grace', { graceMs: service.graceMs })
    return exitCodes.failed
  }
  return cause ? exitCodes.failed : outcome
}

async function live<Sections extends OptionSections>(
  service: Service<Sections>,
  values: OptionValues<Sections>,
  context: ServiceContext,
): Promise<number> {
  const { log, clock, signal } = context
  const begunAt = clock.monotonic()
  let running: AsyncDisposable
  try {
    running = await service.start(values, context)
  } catch (error) {
    if (!signal.aborted) {
      log.fatal('cannot start', { error })
      return exitCodes.failed
    }
    if (error !== signal.reason) log.warn('start broken off', { error })
    return exitCodes.stopped
  }
  log.info('started', { startMs: Math.round(clock.monotonic() - begunAt) })
  await abortOf(signal)
  try {
    await running[Symbol.asyncDispose]()
  } catch (error) {
    log.error('cannot stop cleanly', { error })
    return exitCodes.failed
  }
  log.info('stopped')
  return exitCodes.stopped
}

/** Never settles when the service ends within its grace. */
async function graceOver(
  signal: AbortSignal,
  graceMs: number,
  clock: Clock,
  ended: AbortSignal,
): Promise<'grace over'> {
  await abortOf(signal)
  const over = Promise.withResolvers<'grace over'>()
  const timer = clock.setTimeout(() => over.resolve('grace over'), graceMs)
  ended.addEventListener('abort', () => timer.cancel(), { once: true })
  return over.promise
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
