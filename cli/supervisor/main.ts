/** The supervisor of one cluster as a process, which `nanokube up` starts and leaves running. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemHost } from '#daemon/host.ts'
import { inBackground } from '#daemon/in-background.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import { onReload } from '#daemon/other-processes.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { kubernetesVersion } from '#daemon/version.ts'
import { Engine } from '#engine/engine.ts'
import { writeWhole } from '../cluster.ts'
import { clusterFiles } from '../cluster-files.ts'
import { endLeftOvers } from './left-overs.ts'
import { machineOf } from './machine.ts'
import { Supervisor } from './supervisor.ts'

const GRACE_MS = 60_000

const flags = {
  'Cluster flags': {
    'data-dir': option.text({ help: 'Directory of the cluster.', required: true }),
    engine: option.text({
      help: 'Where the Docker Engine listens.',
      default: 'unix:///var/run/docker.sock',
    }),
  },
}

await runService({
  name: 'nanokube-supervisor',
  summary: 'Keeps the processes of a cluster running.',
  version: kubernetesVersion.text,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(
  values: OptionValues<typeof flags>,
  context: ServiceContext,
): Promise<AsyncDisposable> {
  const { clock, random, log, signal } = context
  const files = clusterFiles(values.dataDir)
  await using started = new AsyncDisposableStack()
  let supervisor: Supervisor | undefined
  const reload = (): void => {
    // Before there is one, what has changed is read when there is.
    supervisor?.apply().catch((error) => log.error('cannot change the cluster', { error }))
  }
  started.use(onReload(reload))
  await writeWhole(files.supervisorPid, `${process.pid}\n`)
  await endLeftOvers(files, context)
  const engine = started.use(new Engine(values.engine))
  const running = started.use(
    new Supervisor({
      files,
      machine: machineOf(engine, clock, log),
      root: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
      node: process.execPath,
      environment: systemHost.environment,
      clock,
      random,
      log,
      signal,
    }),
  )
  supervisor = running
  await running.apply()
  started.use(inBackground('basic objects', context, () => running.keepObjects()))
  started.use(inBackground('nodes', context, (until) => running.keepNodes(until)))
  const parts = started.move()
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
