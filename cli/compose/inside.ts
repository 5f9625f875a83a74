/**
 * Runs a service in the network of a node's container, as
 *   node cli/compose/inside.ts CONTAINER PROGRAM [flags]
 * and anew in the next network when that container is started again. With network_mode of compose,
 * Docker would start the two in any order after a restart, and fail where the service comes first.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { systemClock as clock } from '#daemon/clock.ts'
import { systemHost as host } from '#daemon/host.ts'
import { Engine } from '#engine/engine.ts'
import { unlessMissing } from '#engine/engine-error.ts'

/** Read by the health check of the container. */
const PID_FILE = '/tmp/service.pid'
const ENGINE = 'unix:///var/run/docker.sock'
/** The Engine may be starting anew. */
const AGAIN_MS = 500

const [container = '', program = '', ...flags] = host.arguments
await using engine = new Engine(ENGINE)
const stopping = new AbortController()
host.onSignal(() => stopping.abort())
host.exit(await keepInside())

async function keepInside(): Promise<number> {
  for (;;) {
    const processId = await networkProcess()
    if (processId === undefined) return 0
    const words = [`--net=/proc/${processId}/ns/net`, '--', process.execPath, program, ...flags]
    const child = spawn('nsenter', words, { stdio: 'inherit' })
    await writeFile(PID_FILE, `${child.pid}\n`)
    const over = new AbortController()
    const lost = networkLost(processId, AbortSignal.any([over.signal, stopping.signal]))
    const ended = endOf(child)
    const isEnd = await Promise.race([ended.then(() => true), lost.then(() => false)])
    over.abort()
    child.kill('SIGTERM')
    const code = await ended
    // One that ends by itself is started again by Docker, later each time.
    if (isEnd || stopping.signal.aborted) return code
  }
}

async function endOf(child: ChildProcess): Promise<number> {
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}

/** The process that holds the network, as soon as there is one; undefined when we shall stop. */
async function networkProcess(): Promise<number | undefined> {
  while (!stopping.signal.aborted) {
    const processId = await currentProcess()
    if (processId !== undefined) return processId
    await clock.sleep(AGAIN_MS, stopping.signal).catch(() => undefined)
  }
  return undefined
}

async function networkLost(processId: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = await engine.events({ container: [container], event: ['die'] }, signal)
      if ((await currentProcess()) !== processId) return
      for await (const _death of events) if ((await currentProcess()) !== processId) return
    } catch (error) {
      if (signal.aborted) return
      host.errors.write(`cannot watch container ${container}: ${(error as Error).message}\n`)
    }
    await clock.sleep(AGAIN_MS, signal).catch(() => undefined)
  }
}

async function currentProcess(): Promise<number | undefined> {
  const found = await unlessMissing(engine.inspectContainer(container)).catch(() => undefined)
  return found?.State.Running ? found.State.Pid : undefined
}
