/** What a container asked to be done right after its start and right before its stop. */
import type { Container } from '#api/parts/core/container.ts'
import type { Lifecycle } from '#api/parts/core/probe.ts'
import type { Clock } from '#daemon/clock.ts'
import { runCommand } from './probes/exec.ts'
import { askHttp } from './probes/http.ts'
import { portOf, schemeOf } from './probes/prober.ts'
import type { Runtime } from './runtime.ts'

type Hook = NonNullable<Lifecycle['preStop']>

export interface HookTarget {
  readonly containerId: string
  readonly container: Container
  readonly ip: string
}

/** What a hook has against the container; the message is for an event. */
class HookError extends Error {
  override readonly name = 'HookError'
}

const HTTP_TIMEOUT_MS = 30_000

/** Throws HookError, or the reason of the signal. */
export async function runHook(
  hook: Hook,
  target: HookTarget,
  { runtime, clock }: { readonly runtime: Pick<Runtime, 'exec'>; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const { container, containerId, ip } = target
  const { exec, httpGet, sleep } = hook
  if (sleep) return clock.sleep(sleep.seconds * 1000, signal)
  if (exec) {
    const command = exec.command ?? []
    const { exitCode, output } = await runCommand(runtime, containerId, command, signal)
    if (exitCode === 0) return
    const text = `command '${command.join(' ')}' exited with ${exitCode}: ${output}`
    throw new HookError(text)
  }
  if (httpGet) {
    const port = portOf(httpGet.port, container)
    if (port === undefined) throw new HookError(`couldn't find port: ${httpGet.port}`)
    const { path = '/', scheme, httpHeaders: headers = [] } = httpGet
    const question = { scheme: schemeOf(scheme), host: httpGet.host || ip, port, path, headers }
    const outcome = await askHttp(question, { clock, signal, timeoutMs: HTTP_TIMEOUT_MS })
    if (outcome.result === 'failure') throw new HookError(outcome.output)
    return
  }
  throw new HookError('invalid handler: wanted exec, httpGet or sleep')
}
