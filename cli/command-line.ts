/** The command line: finds the command that is meant, and turns what goes wrong into a line. */
import { systemClock } from '#daemon/clock.ts'
import type { Host } from '#daemon/host.ts'
import { option, parseOptions, UsageError } from '#daemon/options.ts'
import { helpText } from '#daemon/options-help.ts'
import { systemRandom } from '#daemon/random.ts'
import { exitCodes } from '#daemon/service.ts'
import { suggestion } from '#daemon/suggestion.ts'
import { type AnyCommand, CommandError } from './command.ts'
import { commands } from './commands.ts'
import { Progress } from './progress.ts'

const generalFlags = {
  'General flags': {
    json: option.boolean({ help: 'Write JSON, a line for each step, in place of text.' }),
    help: option.boolean({ help: 'Print this text and exit.', short: 'h' }),
  },
}

/** As shells report a program that Ctrl-C ended. */
const INTERRUPTED = 130

/** Resolves with the exit code. */
export async function runCommandLine(host: Host): Promise<number> {
  const words = host.arguments.filter((word) => !word.startsWith('-'))
  const command = named(words)
  const isHelp = host.arguments.some((word) => word === '--help' || word === '-h')
  if (!command) return overview(words[0], isHelp, host)
  const options = { ...command.options, ...generalFlags }
  const name = `nanokube ${command.name}`
  if (isHelp) {
    const usage = [command.words?.usage, '[flags]'].filter(Boolean).join(' ')
    host.output.write(helpText({ name, summary: command.summary, usage, options }, host.columns))
    return exitCodes.stopped
  }
  const stopping = new AbortController()
  using _signals = host.onSignal(() => stopping.abort())
  try {
    return await run(command, options, host, stopping.signal)
  } catch (error) {
    if (!stopping.signal.aborted) return failure(name, error, host)
    host.errors.write(`${name}: stopped before it was done; the same command goes on from there\n`)
    return INTERRUPTED
  }
}

async function run(
  command: AnyCommand,
  options: AnyCommand['options'],
  host: Host,
  signal: AbortSignal,
): Promise<number> {
  const length = command.name.split(' ').length
  const { min = 0, max = 0, usage = '' } = command.words ?? {}
  const wordsMax = max + length
  const parsed = parseOptions(options, { ...host, arguments: host.arguments, wordsMax })
  const words = parsed.words.slice(length)
  if (words.length < min) {
    throw new UsageError([`found ${words.length} of the arguments ${usage}, wanted ${min}`])
  }
  const { json: isJson } = parsed.values as { readonly json?: boolean }
  const progress = new Progress({
    clock: systemClock,
    output: host.output,
    isJson: isJson === true,
  })
  const context = { host, clock: systemClock, random: systemRandom, progress, signal }
  await command.run(parsed.values as never, words, context)
  return exitCodes.stopped
}

/** The longest name that the line begins with. */
function named(words: readonly string[]): AnyCommand | undefined {
  const two = words.slice(0, 2).join(' ')
  return commands.find(({ name }) => name === two) ?? commands.find(({ name }) => name === words[0])
}

function overview(word: string | undefined, isHelp: boolean, host: Host): number {
  if (word !== undefined && !isHelp) {
    const near = suggestion(word, new Set(commands.map(({ name }) => name)))
    const hint = near ? ` (did you mean "${near}"?)` : ''
    host.errors.write(`nanokube: unknown command "${word}"${hint}\nRun "nanokube --help".\n`)
    return exitCodes.usage
  }
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`)
  const head = 'nanokube: Kubernetes in TypeScript.\n\nUsage:\n  nanokube COMMAND [flags]\n\n'
  const tail = '\nRun "nanokube COMMAND --help" for the flags of a command.\n'
  host.output.write(`${head}Commands:\n${lines.join('')}${tail}`)
  return exitCodes.stopped
}

function failure(name: string, error: unknown, host: Host): number {
  if (error instanceof UsageError) {
    for (const problem of error.problems) host.errors.write(`${name}: ${problem}\n`)
    host.errors.write(`Run "${name} --help" for the flags.\n`)
    return exitCodes.usage
  }
  if (error instanceof CommandError) {
    host.errors.write(`${name}: ${error.message}\n`)
    if (error.advice) host.errors.write(`${error.advice}\n`)
    return exitCodes.failed
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  host.errors.write(`${name}: ${text}\n`)
  return exitCodes.failed
}
