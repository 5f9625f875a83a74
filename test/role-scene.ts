/** Controllers under the roles that upstream gives them, and nothing more. */
import type { Authenticator } from '#apiserver/auth/authenticator.ts'
import { Connection } from '#client/connection.ts'
import type { Controller } from '#client/controller.ts'
import { type FreeController, startControllers } from '#client/controllers.ts'
import { EventReporter } from '#client/events.ts'
import { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer } from './api-server.ts'
import { connect } from './connect.ts'

export interface WithAccount {
  /** Service account in kube-system. */
  readonly account: string
  readonly controllers: readonly (Controller | FreeController)[]
}

export interface RoleScene extends AsyncDisposable {
  /** Of an administrator. */
  readonly client: Client
  readonly url: string
  readonly clock: ManualClock
  /** What controllers logged as a warning or worse. */
  readonly logged: readonly string[]
  /** Turns of the event loop, and time in small steps, until it is so. */
  until(isSo: () => Promise<boolean>): Promise<void>
}

const ACCOUNT_AGENT = /^account\/(\S+)$/
const ROUNDS_MAX = 1500
/** Shorter than what watches take for silence. */
const STEP_MS = 1000
/** Turns in each step: answers have to come before much time has passed, also on a busy machine. */
const TURNS_A_STEP = 60

/** Who calls is told by the user agent: how accounts prove who they are is tried elsewhere. */
const callers: Authenticator = {
  authenticate({ headers }) {
    // Whoever brings a token of their own is judged by that.
    if (headers.authorization) return undefined
    const [, account] = ACCOUNT_AGENT.exec(headers['user-agent'] ?? '') ?? []
    if (!account) return { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system']
    return {
      name: `system:serviceaccount:kube-system:${account}`,
      groups: [...groups, 'system:authenticated'],
    }
  },
}

export async function startWithRoles(accounts: readonly WithAccount[]): Promise<RoleScene> {
  const clock = new ManualClock()
  await using started = new AsyncDisposableStack()
  const settings = { authenticators: [callers] }
  const server = started.use(await startTestServer({ clock, authorization: 'rbac', settings }))
  const connected = started.use(
    connect(server.url, { clock, namespace: 'default', carrier: 'socket' }),
  )
  const { informers, random, log, client, logged } = connected
  const { signal } = new AbortController()
  for (const { account, controllers } of accounts) {
    const userAgent = `account/${account}`
    const connection = started.use(new Connection({ server: server.url, userAgent, clock }))
    const own = new Client({ connection })
    const events = started.use(new EventReporter({ client: own, clock, random, log }))
    const parts = { client: own, informers, events, clock, random, log, graceMs: 0 }
    started.use(await startControllers(controllers, parts, signal))
  }
  const stack = started.move()
  return {
    client,
    url: server.url,
    clock,
    logged,
    until: (isSo) => until(isSo, clock, logged),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function until(
  isSo: () => Promise<boolean>,
  clock: ManualClock,
  logged: readonly string[],
): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (await isSo()) return
    clock.jump(STEP_MS)
    for (let turn = 0; turn < TURNS_A_STEP; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  throw new Error(`it never came to that; logged: ${logged.join('\n')}`)
}
