/** Named health checks and the answers of /healthz, /livez and /readyz, worded as upstream's. */
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz'

export interface HealthAnswer {
  readonly status: 200 | 500
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A browser shall not guess at the type. */
const headers = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
}

/** Throws, or rejects, with the reason when something is wrong. */
export type HealthCheck = () => void | Promise<void>

export interface Health {
  /** Adds a check to the endpoints named, or to all three; they report in the order of adding. */
  add(name: string, check: HealthCheck, endpoints?: readonly HealthEndpoint[]): void
  /**
   * Answers a request for a path such as /livez, /readyz?verbose&exclude=etcd or /livez/ping.
   * Undefined when no endpoint or check has that path.
   */
  answer(path: string, query: URLSearchParams): Promise<HealthAnswer | undefined>
}

/** A check that takes longer has failed: whoever asks wants an answer, not a hanging request. */
const CHECK_TIMEOUT_MS = 2_000
const ENDPOINTS: readonly HealthEndpoint[] = ['healthz', 'livez', 'readyz']

interface NamedCheck {
  readonly name: string
  readonly check: HealthCheck
}

interface Verdict {
  readonly name: string
  readonly outcome: 'ok' | 'excluded' | 'failed'
  readonly error?: unknown
}

/** Every endpoint starts with upstream's `ping`, which says that the process answers at all. */
export function createHealth(clock: Clock, log: Log): Health {
  const ping: NamedCheck = { name: 'ping', check: () => {} }
  const checks: Record<HealthEndpoint, NamedCheck[]> = {
    healthz: [ping],
    livez: [ping],
    readyz: [ping],
  }
  return {
    add(name, check, endpoints = ENDPOINTS) {
      for (const endpoint of endpoints) {
        if (checks[endpoint].some((other) => other.name === name)) {
          throw new Error(`health: check "${name}" is there already, wanted a new name`)
        }
        checks[endpoint].push({ name, check })
      }
    },
    async answer(path, query) {
      const [, first, checkName] = /^\/([a-z]+)(?:\/(.+))?$/.exec(path) ?? []
      const endpoint = ENDPOINTS.find((known) => known === first)
      if (endpoint === undefined) return undefined
      if (checkName === undefined) return answerAll(endpoint, checks[endpoint], query, clock, log)
      const named = checks[endpoint].find(({ name }) => name === checkName)
      return named && answerOne(named, clock)
    },
  }
}

async function answerAll(
  endpoint: HealthEndpoint,
  checks: readonly NamedCheck[],
  query: URLSearchParams,
  clock: Clock,
  log: Log,
): Promise<HealthAnswer> {
  const excluded = new Set(query.getAll('exclude'))
  const verdicts = await Promise.all(
    checks.map(({ name, check }): Promise<Verdict> | Verdict =>
      excluded.has(name) ? { name, outcome: 'excluded' } : judge({ name, check }, clock),
    ),
  )
  const known = new Set(checks.map(({ name }) => name))
  const unmatched = [...excluded].filter((name) => !known.has(name)).sort()
  const details = verdicts.map(verdictLine).join('') + unmatchedLine(unmatched)
  const failed = verdicts.filter(({ outcome }) => outcome === 'failed')
  if (failed.length === 0) {
    return answerOf(200, query.has('verbose') ? `${details}${endpoint} check passed\n` : 'ok')
  }
  // The endpoint is public, so the reasons go to the log alone.
  for (const { name, error } of failed) {
    log.warn('health check failed', { endpoint, check: name, error })
  }
  return answerOf(500, `${details}${endpoint} check failed\n`)
}

async function answerOne(named: NamedCheck, clock: Clock): Promise<HealthAnswer> {
  const { outcome, error } = await judge(named, clock)
  if (outcome === 'ok') return answerOf(200, 'ok')
  return answerOf(500, `internal server error: ${reasonOf(error)}\n`)
}

function answerOf(status: HealthAnswer['status'], body: string): HealthAnswer {
  return { status, headers, body }
}

async function judge({ name, check }: NamedCheck, clock: Clock): Promise<Verdict> {
  const late = Promise.withResolvers<never>()
  using _deadline = clock.setTimeout(
    () => late.reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)),
    CHECK_TIMEOUT_MS,
    { background: true },
  )
  try {
    await Promise.race([(async () => check())(), late.promise])
    return { name, outcome: 'ok' }
  } catch (error) {
    return { name, outcome: 'failed', error }
  }
}

function verdictLine({ name, outcome }: Verdict): string {
  if (outcome === 'ok') return `[+]${name} ok\n`
  if (outcome === 'excluded') return `[+]${name} excluded: ok\n`
  return `[-]${name} failed: reason withheld\n`
}

function unmatchedLine(names: readonly string[]): string {
  if (names.length === 0) return ''
  const quoted = names.map((name) => JSON.stringify(name)).join(',')
  return `warn: some health checks cannot be excluded: no matches for ${quoted}\n`
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
