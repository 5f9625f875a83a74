/** Structured logs: JSON lines for machines, coloured lines for a person on a terminal. */
import { styleText } from 'node:util'
import { pino } from 'pino'
import type { Clock } from './clock.ts'
import type { Sink } from './host.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

export type LogFields = Readonly<Record<string, unknown>>

type LogLine = (message: string, fields?: LogFields) => void

/** One line for each decision: what happened as a fixed sentence, the circumstances as fields. */
export interface Log extends Record<LogLevel, LogLine> {
  /** A log whose every line carries these fields too. */
  child(fields: LogFields): Log
  /** Whether a line of this level is written; for fields that cost something to make. */
  enabled(level: LogLevel): boolean
}

export interface LogOptions {
  readonly service: string
  readonly level: LogLevel
  readonly format: 'json' | 'text'
  readonly colours: boolean
  readonly clock: Clock
  readonly sink: Sink
}

export function createLog(options: LogOptions): Log {
  const { clock, sink } = options
  const destination = options.format === 'json' ? sink : textSink(sink, options.colours)
  const logger = pino(
    {
      level: options.level,
      base: { service: options.service },
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: (error) => describeError(error) },
    },
    destination,
  )
  return logOver(logger)
}

/** How a log line names an API object. */
export function reference(
  kind: string,
  {
    namespace,
    name,
  }: { readonly namespace?: string | undefined; readonly name?: string | undefined },
): string {
  return namespace ? `${kind}/${namespace}/${name ?? ''}` : `${kind}/${name ?? ''}`
}

function logOver(logger: pino.Logger): Log {
  const line =
    (level: LogLevel): LogLine =>
    (message, fields = {}) =>
      logger[level](fields, message)
  return {
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    fatal: line('fatal'),
    child: (fields) => logOver(logger.child(fields)),
    enabled: (level) => logger.isLevelEnabled(level),
  }
}

/** Causes deeper than this add nothing, and a chain may be a circle. */
const CAUSE_DEPTH_MAX = 5

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? error : String(error)
  const { name, message, stack, cause } = error
  const inner = error instanceof AggregateError ? error.errors : []
  const isDeeper = depth < CAUSE_DEPTH_MAX
  return {
    type: name,
    message,
    ...('code' in error && { code: error.code }),
    stack,
    ...(isDeeper && cause !== undefined && { cause: describeError(cause, depth + 1) }),
    ...(isDeeper &&
      inner.length > 0 && { errors: inner.map((each) => describeError(each, depth + 1)) }),
  }
}

type Style = Parameters<typeof styleText>[0]

const levelStyles: Record<string, Style> = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: ['bold', 'red'],
}

/** Turns pino's lines into text, so that both formats come from one path. */
function textSink(sink: Sink, colours: boolean): Sink {
  const paint = (style: Style, text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text
  return {
    write(line) {
      const { level, time, service, message, error, ...rest } = JSON.parse(line)
      const fields = Object.entries(rest).map(([name, value]) => `${name}=${fieldText(value)}`)
      const head = [
        paint('gray', String(time).slice(11, 23)),
        paint(levelStyles[level] ?? 'gray', String(level).toUpperCase().padEnd(5)),
        paint('cyan', service),
        message,
      ]
      const tail = fields.length > 0 ? ` ${paint('gray', fields.join(' '))}` : ''
      sink.write(`${head.join(' ')}${tail}${errorText(error)}\n`)
    },
  }
}

function fieldText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value
  return JSON.stringify(value)
}

/** The stack, indented below the line; it repeats the message, so that is not printed too. */
function errorText(error: unknown): string {
  if (error === undefined) return ''
  if (typeof error !== 'object' || error === null) return ` error=${fieldText(error)}`
  const { stack, message, cause, errors } = error as Record<string, unknown>
  const own = String(stack ?? message ?? JSON.stringify(error)).replaceAll('\n', '\n    ')
  const causeText = cause === undefined ? '' : `\n    caused by:${errorText(cause)}`
  const innerText = Array.isArray(errors) ? errors.map(errorText).join('') : ''
  return `\n    ${own}${causeText}${innerText}`
}
