/** How a pod behaves that only pretends to run: said by its annotations, or by the node. */
import { parseDurationMs } from '#daemon/duration.ts'

/** Each but the first may be followed by `.<container>`, which then is about that one alone. */
export const annotations = {
  /** How long a container takes to start: `250ms`. */
  startDelay: 'hollow.nanokube.io/start-delay',
  /** When a container ends by itself: `5s` after its start. */
  exitAfter: 'hollow.nanokube.io/exit-after',
  exitCode: 'hollow.nanokube.io/exit-code',
  /** How long it goes on once it is told to stop: `3s`. */
  stopDelay: 'hollow.nanokube.io/stop-delay',
  /** How long after the start its probes begin to succeed: `2s`, or `never`. */
  readyAfter: 'hollow.nanokube.io/ready-after',
  /** `pull` or `start`: what always fails. */
  fails: 'hollow.nanokube.io/fails',
  /** Processors in use: `250m`. */
  cpu: 'hollow.nanokube.io/cpu-usage',
  /** Memory in use: `64Mi`. */
  memory: 'hollow.nanokube.io/memory-usage',
} as const

export interface Behaviour {
  readonly startDelayMs: number
  readonly exitAfterMs: number | undefined
  readonly exitCode: number
  readonly stopDelayMs: number
  /** Infinity: never. */
  readonly readyAfterMs: number
  readonly fails: 'pull' | 'start' | undefined
  readonly cpu: string
  readonly memory: string
}

/** Of containers whose pod says nothing else. */
export const usual: Behaviour = {
  startDelayMs: 0,
  exitAfterMs: undefined,
  exitCode: 0,
  stopDelayMs: 0,
  readyAfterMs: 0,
  fails: undefined,
  cpu: '10m',
  memory: '16Mi',
}

/** What cannot be understood counts as absent. */
export function behaviourOf(
  given: Readonly<Record<string, string>>,
  container: string,
  fallback: Behaviour = usual,
): Behaviour {
  const text = (name: string): string | undefined => given[`${name}.${container}`] ?? given[name]
  const duration = (name: string): number | undefined => {
    const value = text(name)
    return value === undefined ? undefined : parseDurationMs(value)
  }
  const code = Number(text(annotations.exitCode) ?? fallback.exitCode)
  const fails = text(annotations.fails)
  const isNever = text(annotations.readyAfter) === 'never'
  return {
    startDelayMs: duration(annotations.startDelay) ?? fallback.startDelayMs,
    exitAfterMs: duration(annotations.exitAfter) ?? fallback.exitAfterMs,
    exitCode: Number.isInteger(code) ? code : fallback.exitCode,
    stopDelayMs: duration(annotations.stopDelay) ?? fallback.stopDelayMs,
    readyAfterMs: isNever ? Infinity : (duration(annotations.readyAfter) ?? fallback.readyAfterMs),
    fails: fails === 'pull' || fails === 'start' ? fails : fallback.fails,
    cpu: text(annotations.cpu) ?? fallback.cpu,
    memory: text(annotations.memory) ?? fallback.memory,
  }
}
