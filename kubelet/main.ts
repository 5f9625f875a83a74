/** The kubelet as a process: one real node, or many that only pretend. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { monitoringAddressOf, startComponent } from '#client/component.ts'
import { Connection } from '#client/connection.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { systemHost } from '#daemon/host.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import {
  type CertificateParts,
  CertificateRenewal,
  obtainCertificate,
  writeKubeconfig,
} from './client-certificate.ts'
import { type Flags, flags } from './flags.ts'
import { startHollowNodes } from './hollow/run-hollow.ts'
import { nodeSettings } from './node/settings.ts'
import { startNode } from './run-node.ts'

/** A node that shuts down waits for its pods; without them it takes a moment. */
const GRACE_MS = 330_000

await runService({
  name: 'kubelet',
  summary: 'Makes the pods of one node real.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log, signal } = context
  await using started = new AsyncDisposableStack()
  const certificate = {
    ...{ clock, random, log, nodeName: nodeSettings(values).name },
    directory: values.certDir ?? join(values.rootDir, 'pki'),
  }
  await introduce(values, certificate, signal)
  const { kubeconfig } = values
  const monitoring = monitoringAddressOf(values)
  const component = started.use(
    await startComponent({ userAgent: 'kubelet', kubeconfig, monitoring }, context),
  )
  const { client, health, metrics } = component
  if (values.rotateCertificates) started.use(new CertificateRenewal(client, certificate))
  const parts = { client, clock, random, log, metrics, health }
  const run = values.hollowNodes > 0 ? startHollowNodes : startNode
  started.use(await run(values, parts, signal))
  const all = started.move()
  return { [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** A node that nobody knows yet gets its certificate by what it was given to ask for one. */
async function introduce(
  { bootstrapKubeconfig: path, kubeconfig }: Flags,
  parts: CertificateParts,
  signal: AbortSignal,
): Promise<void> {
  if (!path || (kubeconfig && existsSync(kubeconfig))) return
  if (!kubeconfig) throw new Error('--bootstrap-kubeconfig: wanted --kubeconfig too, to write it')
  const { clock } = parts
  const target = await loadTarget({ path, environment: systemHost.environment, clock })
  await using connection = new Connection({ ...target, userAgent: 'kubelet', clock })
  await obtainCertificate(new Client({ connection }), parts, signal)
  await writeKubeconfig(kubeconfig, target, parts.directory)
}
