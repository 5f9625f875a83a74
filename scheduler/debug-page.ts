/** Why pods are pending, as JSON for whoever runs on the machine of the scheduler. */
import type { Page } from '#daemon/monitoring.ts'
import type { Scheduler } from './scheduler.ts'
import type { KeptFailure } from './verdicts.ts'

/** `/debug/scheduling` lists pending pods; `?pod=namespace/name` shows all about one. */
export const DEBUG_PATH = '/debug/scheduling'

export class DebugPage {
  #scheduler: Scheduler | undefined

  /** Whose pods are shown; none while another replica leads. */
  watch(scheduler: Scheduler | undefined): void {
    this.#scheduler = scheduler
  }

  readonly page: Page = (query) => {
    const scheduler = this.#scheduler
    if (!scheduler) return problem(503, 'this replica does not lead, or has not begun')
    const key = query.get('pod')
    if (key === null) {
      const pods = [...scheduler.verdicts.all].map(([pod, failure]) => ({ pod, ...said(failure) }))
      return { status: 200, body: { pods } }
    }
    const nodes = scheduler.explain(key)
    if (!nodes) return problem(404, `pod "${key}": is not pending, wanted one that is`)
    const last = scheduler.verdicts.get(key)
    const lastAttempt = last && { ...said(last), ...detailed(last) }
    return { status: 200, body: { pod: key, ...(lastAttempt && { lastAttempt }), now: { nodes } } }
  }
}

const problem = (status: number, error: string) => ({ status, body: { error } })

const said = ({ at, attempts, message }: KeptFailure) => ({
  at: new Date(at).toISOString(),
  attempts,
  message,
})

function detailed({ verdicts, rescue }: KeptFailure) {
  const nodes = [...verdicts].map(([name, { plugin, reasons, isUnresolvable }]) => {
    return { name, plugin, reasons, isUnresolvable }
  })
  const victims = rescue?.victims.map(({ key }) => key)
  return { nodes, ...(rescue && { nominatedNodeName: rescue.nodeName, victims }) }
}
