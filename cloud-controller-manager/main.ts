/** The cloud-controller-manager as a process: one replica works, others wait to take over. */
import { chosen } from '#client/chosen.ts'
import { monitoringAddressOf, startComponent } from '#client/component.ts'
import { leadAsTold, replicaIdentity } from '#client/leader-flags.ts'
import { runControllers } from '#client/run-controllers.ts'
import { inBackground } from '#daemon/in-background.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { cloudControllers } from './controllers.ts'
import { type Flags, flags } from './flags.ts'
import type { CloudProvider } from './provider.ts'
import { providers } from './providers.ts'

const NAME = 'cloud-controller-manager'
const GRACE_MS = 30_000

await runService({
  name: NAME,
  summary: 'Does for the cluster what a cloud would do: addresses for Services, facts about nodes.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log } = context
  const controllers = cloudControllers(providerFor(values), {
    updatePeriodMs: values.nodeStatusUpdateFrequency,
    monitorPeriodMs: values.nodeMonitorPeriod,
  })
  const wanted = chosen(controllers, values.controllers)
  await using started = new AsyncDisposableStack()
  const { kubeconfig } = values
  const monitoring = monitoringAddressOf(values)
  const component = started.use(
    await startComponent({ userAgent: NAME, kubeconfig, monitoring }, context),
  )
  const { client, clientOver, metrics } = component
  const hasOwnAccounts = values.useServiceAccountCredentials
  const parts = { client, clientOver, metrics, clock, random, log, hasOwnAccounts }
  const work = (signal: AbortSignal): Promise<void> => runControllers(wanted, parts, signal)
  const identity = replicaIdentity(context)
  started.use(
    inBackground(NAME, context, (signal) =>
      leadAsTold(values, context, client, identity, work, signal),
    ),
  )
  const running = started.move()
  return { [Symbol.asyncDispose]: () => running.disposeAsync() }
}

function providerFor(values: Flags): CloudProvider {
  const make = providers[values.cloudProvider]
  if (make) return make(values)
  const known = Object.keys(providers).join(', ')
  throw new RangeError(`--cloud-provider: found "${values.cloudProvider}", wanted one of ${known}`)
}
