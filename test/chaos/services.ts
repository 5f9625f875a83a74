/** What runs in a cluster beside its API server: as many managers as wanted, and the rest once. */
import { leadWhenElected } from '#client/leader.ts'
import { type AccountedController, runControllers } from '#client/run-controllers.ts'
import { controllers, madeWith } from '#controller-manager/controllers.ts'
import { flags } from '#controller-manager/flags.ts'
import { nodeSettings } from '#controller-manager/node-settings.ts'
import { scalingSettings } from '#controller-manager/scaling-settings.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { parseOptions } from '#daemon/options.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { defaultConfig } from '#scheduler/config.ts'
import { runScheduler } from '#scheduler/run.ts'
import type { Service, ServiceParts } from './life.ts'
import { keepAlive, kubeletController, type Machines, volumeCleaner } from './stand-in-nodes.ts'

/** Each node gets addresses, so that this controller is at work, too. */
const nodeArguments = ['--allocate-node-cidrs', '--cluster-cidr=10.244.0.0/16']
/** Any text: nobody here looks at certificates. */
const ROOT_AUTHORITIES = 'stand-in authorities'

const managerLease = { namespace: 'kube-system', name: 'kube-controller-manager' }

/** All controllers that are listed, for as long as it leads. */
export function manager(name: string): Service {
  const { values } = parseOptions(flags, { arguments: nodeArguments, environment: {} })
  const settings = {
    rootAuthorities: ROOT_AUTHORITIES,
    ...nodeSettings(values),
    ...scalingSettings(values),
  }
  const wanted = controllers.map((each) => madeWith(each, settings))
  return {
    name,
    run: (parts, signal) => {
      const { clock, random, log, client, noteWork } = parts
      const identity = `${name}_${random.uuid()}`
      const lead = async (term: AbortSignal): Promise<void> => {
        noteWork(identity)
        await run(wanted, parts, term)
      }
      return leadWhenElected(
        { client, clock, random, log, lease: managerLease, identity },
        lead,
        signal,
      )
    },
  }
}

export const scheduler: Service = {
  name: 'scheduler',
  run: ({ client, clock, random, log }, signal) =>
    runScheduler({ ...defaultConfig, client, clock, random, log, instance: random.uuid() }, signal),
}

export function kubelet(machines: Machines): Service {
  const made = [kubeletController(machines), volumeCleaner]
  return {
    name: 'kubelet',
    async run(parts, signal) {
      const all = { name: 'stand-in-kubelet', account: '', make: () => made }
      await settleAll([keepAlive(parts, signal), run([all], parts, signal)])
    },
  }
}

function run(
  wanted: readonly AccountedController[],
  { client, clock, random, log }: ServiceParts,
  signal: AbortSignal,
): Promise<void> {
  const metrics = createMetrics()
  const parts = { client, clientOver: () => client, metrics, clock, random, log }
  return runControllers(wanted, { ...parts, hasOwnAccounts: false }, signal)
}
