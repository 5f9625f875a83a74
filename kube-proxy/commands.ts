/** Programs that change the network of the node, and what they say. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** What a program is called with; the network namespace is that of whoever runs it. */
export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
  readonly input?: string
}

/** What it said; a program that fails makes run() throw. */
export interface Commands {
  run(command: Command): Promise<string>
  /** Goes on until disposed of; `ended` is told why it ended by itself. */
  follow(command: Command, line: (text: string) => void, ended: (why: string) => void): Disposable
}

export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly errors: string

  constructor({ program, arguments: given }: Command, why: string, errors: string) {
    super(
      `${[program, ...given].join(' ')}: ${[why, firstLines(errors)].filter(Boolean).join(': ')}`,
    )
    this.errors = errors
  }
}

/** A transaction of thousands of lines that is refused would fill the log with its problems. */
const ERROR_LINES_MAX = 5

/** Debian keeps them where the PATH of a service does not always look. */
const ADMINISTRATION_FOLDERS = '/usr/local/sbin:/usr/sbin:/sbin'

export interface CommandSettings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What each command line begins with: `ip netns exec <name>` for another namespace. */
  readonly prefix?: readonly string[]
}

export function systemCommands({ environment, prefix = [] }: CommandSettings): Commands {
  const path = [environment.PATH, ADMINISTRATION_FOLDERS].filter(Boolean).join(':')
  // Numbers and messages shall not depend on the language of the machine.
  const env = { ...environment, PATH: path, LC_ALL: 'C' }
  const start = ({ program, arguments: given }: Command) => {
    const [first, ...rest] = [...prefix, program, ...given] as [string, ...string[]]
    return spawn(first, rest, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  }
  return {
    async run(command) {
      const child = start(command)
      const ended = endOf(command, child)
      // A program that ends early does not read all of its input; its exit code says why.
      child.stdin.on('error', () => undefined)
      child.stdin.end(command.input ?? '')
      const [output, errors, code] = await Promise.all([
        textOf(child.stdout),
        textOf(child.stderr),
        ended,
      ])
      if (code !== 0) throw new CommandError(command, `exit ${code}`, errors)
      return output
    },
    follow(command, line, ended) {
      const child = start(command)
      let isOver = false
      const over = (why: string): void => {
        if (!isOver) ended(why)
        isOver = true
      }
      child.stdin.end()
      createInterface({ input: child.stdout }).on('line', (text) => {
        if (!isOver) line(text)
      })
      const errors = textOf(child.stderr)
      endOf(command, child).then(
        async (code) => over(new CommandError(command, `exit ${code}`, await errors).message),
        (error: Error) => over(error.message),
      )
      return {
        [Symbol.dispose]() {
          isOver = true
          child.kill('SIGTERM')
        },
      }
    },
  }
}

async function endOf(command: Command, child: ReturnType<typeof spawn>): Promise<number | string> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    return code ?? signal ?? 'unknown'
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'no such program, wanted it installed' : (error as Error).message
    throw new CommandError(command, why, '')
  }
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function firstLines(text: string): string {
  const lines = text.trim().split('\n').slice(0, ERROR_LINES_MAX)
  return lines.map((line) => line.trim()).join('; ')
}
