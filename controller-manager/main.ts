/** The controller-manager as a process: one replica works, others wait to take over. */
import { readFile } from 'node:fs/promises'
import { chosen } from '#client/chosen.ts'
import { monitoringAddressOf, startComponent } from '#client/component.ts'
import type { Connection } from '#client/connection.ts'
import { leadAsTold, replicaIdentity } from '#client/leader-flags.ts'
import { runControllers } from '#client/run-controllers.ts'
import { inBackground } from '#daemon/in-background.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { controllers, madeWith } from './controllers.ts'
import { type Flags, flags } from './flags.ts'
import { nodeSettings } from './node-settings.ts'
import { scalingSettings } from './scaling-settings.ts'

const GRACE_MS = 30_000

await runService({
  name: 'kube-controller-manager',
  summary: 'Brings what the cluster is nearer to what its objects say.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log } = context
  const wanted = chosen(controllers, values.controllers)
  const settings = { ...nodeSettings(values), ...scalingSettings(values) }
  await using started = new AsyncDisposableStack()
  const { kubeconfig } = values
  const monitoring = monitoringAddressOf(values)
  const component = started.use(
    await startComponent({ userAgent: 'kube-controller-manager', kubeconfig, monitoring }, context),
  )
  const { client, clientOver, metrics } = component
  const rootAuthorities = await authorities(values, client.connection)
  const work = (signal: AbortSignal): Promise<void> =>
    runControllers(
      wanted.map((each) => madeWith(each, { rootAuthorities, ...settings })),
      {
        client,
        clientOver,
        metrics,
        clock,
        random,
        log,
        hasOwnAccounts: values.useServiceAccountCredentials,
      },
      signal,
    )
  const identity = replicaIdentity(context)
  started.use(
    inBackground('controller-manager', context, (signal) =>
      leadAsTold(values, context, client, identity, work, signal),
    ),
  )
  const parts = started.move()
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** Those that pods shall trust; none where the API server is reached without TLS. */
async function authorities({ rootCaFile }: Flags, { credentials }: Connection): Promise<string> {
  if (rootCaFile !== undefined) return readFile(rootCaFile, 'utf8')
  const { ca = '' } = await credentials.tls()
  return ca.toString()
}
