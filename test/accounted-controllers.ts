/** Listed controllers under the roles of their own accounts, on a server that enforces them. */
import type { Authenticator } from '#apiserver/auth/authenticator.ts'
import { Connection } from '#client/connection.ts'
import { type RunningControllers, startControllers } from '#client/controllers.ts'
import { EventReporter } from '#client/events.ts'
import { Client } from '#client/rest.ts'
import { type ControllerSettings, controllers } from '#controller-manager/controllers.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer } from './api-server.ts'
import { connect } from './connect.ts'

const ACCOUNT_AGENT = /^account\/(\S+)$/
const TURNS_MAX = 3000
/** Longer than any wait for another attempt, and shorter than alarms about silence. */
const WAIT_MAX_MS = 20_000

/** Who calls is told by the user agent: how accounts prove who they are is tried elsewhere. */
const callers: Authenticator = {
  authenticate({ headers }) {
    const [, account] = ACCOUNT_AGENT.exec(headers['user-agent'] ?? '') ?? []
    if (!account) return { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system']
    return {
      name: `system:serviceaccount:kube-system:${account}`,
      groups: [...groups, 'system:authenticated'],
    }
  },
}

export interface AccountedControllers extends AsyncDisposable {
  /** May do everything. */
  readonly client: Client
  readonly logged: readonly string[]
  /** Moves the clock along until it is so; fails when it never comes to that. */
  until(isSo: () => Promise<boolean>): Promise<void>
}

export async function startAccounted(names: readonly string[]): Promise<AccountedControllers> {
  const clock = new ManualClock()
  await using stack = new AsyncDisposableStack()
  const settings = { authenticators: [callers] }
  const server = stack.use(await startTestServer({ clock, authorization: 'rbac', settings }))
  const connected = stack.use(
    connect(server.url, { clock, namespace: 'default', carrier: 'socket' }),
  )
  const { informers, random, log, client, logged } = connected
  const running: RunningControllers[] = []
  for (const { name, account, controller } of controllers) {
    if (!names.includes(name)) continue
    const of = { rootAuthorities: '' } as ControllerSettings
    const made = typeof controller === 'function' ? (controller(of) ?? []) : controller
    const userAgent = `account/${account}`
    const connection = stack.use(new Connection({ server: server.url, userAgent, clock }))
    const own = new Client({ connection })
    const events = stack.use(new EventReporter({ client: own, clock, random, log }))
    const parts = { client: own, informers, events, clock, random, log, graceMs: 0 }
    const { signal } = new AbortController()
    running.push(stack.use(await startControllers([made].flat(), parts, signal)))
  }
  const everything = stack.move()
  return {
    client,
    logged,
    async until(isSo) {
      for (let turn = 0; turn < TURNS_MAX; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (await isSo()) return
        const { nextTimerMs } = clock
        const isQuiet = running.every(({ isIdle }) => isIdle)
        if (isQuiet && nextTimerMs !== undefined && nextTimerMs <= WAIT_MAX_MS)
          clock.jump(nextTimerMs)
      }
      throw new Error(`it never came to that; logged: ${logged.join('\n')}`)
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}
