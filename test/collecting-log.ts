/** A log for tests: warnings and worse become lines to look at. */
import type { Log } from '#daemon/log.ts'

export function collectingLog(lines: string[]): Log {
  const keep = (message: string, fields: object = {}): void => {
    lines.push(`${message} ${JSON.stringify(fields, withErrors)}`)
  }
  const drop = (): void => undefined
  const log: Log = {
    trace: drop,
    debug: drop,
    info: drop,
    warn: keep,
    error: keep,
    fatal: keep,
    child: () => log,
    enabled: (level) => ['warn', 'error', 'fatal'].includes(level),
  }
  return log
}

/** JSON has no form for an error, and its message is what a test looks for. */
function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value
}
