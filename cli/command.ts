/** What a command of the command line is, and what it may use. */
import type { Clock } from '#daemon/clock.ts'
import type { Host } from '#daemon/host.ts'
import type { OptionSections, OptionValues } from '#daemon/options.ts'
import type { Random } from '#daemon/random.ts'
import type { Progress } from './progress.ts'

export interface CommandContext {
  readonly host: Host
  readonly clock: Clock
  readonly random: Random
  readonly progress: Progress
  /** Aborted when the user asks for an end. */
  readonly signal: AbortSignal
}

export interface Command<Sections extends OptionSections = OptionSections> {
  /** One word, or two: `node add`. */
  readonly name: string
  readonly summary: string
  /** What may stand beside the flags: `[NAME]`. */
  readonly words?: { readonly usage: string; readonly min: number; readonly max: number }
  readonly options: Sections
  run(
    values: OptionValues<Sections>,
    words: readonly string[],
    context: CommandContext,
  ): Promise<void>
}

/** A command of any flags, as the list of them holds it. */
export interface AnyCommand extends Omit<Command, 'run'> {
  run(values: never, words: readonly string[], context: CommandContext): Promise<void>
}

export function defineCommand<const Sections extends OptionSections>(
  command: Command<Sections>,
): AnyCommand {
  return command
}

/** What a user can do something about: said in one line, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** What to do next. */
  readonly advice: string | undefined

  constructor(message: string, advice?: string, cause?: unknown) {
    super(message, { cause })
    this.advice = advice
  }
}
