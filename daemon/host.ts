/** The process we run in, as a value: arguments, environment, output, signals and exit. */

export type StopSignal = 'SIGTERM' | 'SIGINT'

export interface Sink {
  write(text: string): void
}

export interface Host {
  /** What follows the program's own name. */
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly output: Sink
  readonly errors: Sink
  /** Whether a person reads the output on a terminal. */
  readonly isTerminal: boolean
  /** Width of that terminal in characters. */
  readonly columns: number
  onSignal(listener: (signal: StopSignal) => void): Disposable
  /** Called for what nobody caught: an exception, or a rejected promise. */
  onCrash(listener: (error: unknown) => void): Disposable
  exit(code: number): void
}

const DEFAULT_COLUMNS = 100

export const systemHost: Host = {
  get arguments() {
    return process.argv.slice(2)
  },
  get environment() {
    return process.env
  },
  output: { write: (text) => void process.stdout.write(text) },
  errors: { write: (text) => void process.stderr.write(text) },
  get isTerminal() {
    return process.stdout.isTTY === true
  },
  get columns() {
    return process.stdout.columns ?? DEFAULT_COLUMNS
  },
  onSignal(listener) {
    process.on('SIGTERM', listener)
    process.on('SIGINT', listener)
    return undo(() => {
      process.off('SIGTERM', listener)
      process.off('SIGINT', listener)
    })
  },
  onCrash(listener) {
    // Node raises a rejection that nobody handles as an uncaught exception too.
    process.on('uncaughtException', listener)
    return undo(() => process.off('uncaughtException', listener))
  },
  exit: (code) => process.exit(code),
}

function undo(action: () => void): Disposable {
  return { [Symbol.dispose]: action }
}
