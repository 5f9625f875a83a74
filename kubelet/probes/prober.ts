/** Asks a container what one of its probes wants to know. */
import type { Container } from '#api/parts/core/container.ts'
import type { Probe } from '#api/parts/core/probe.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Runtime } from '../runtime.ts'
import { askExec } from './exec.ts'
import { askGrpc } from './grpc.ts'
import { askHttp } from './http.ts'
import { failure, type Outcome } from './outcome.ts'
import { askTcp } from './tcp.ts'

export interface ProbeTarget {
  readonly containerId: string
  readonly container: Container
  /** Address of the pod. */
  readonly ip: string
}

/** Rejects with the signal's reason only when that is aborted, or when it cannot ask at all. */
export interface Prober {
  ask(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<Outcome>
}

export function socketProber(runtime: Pick<Runtime, 'exec'>, clock: Clock): Prober {
  return {
    async ask(probe, target, signal) {
      const { exec, httpGet, tcpSocket, grpc } = probe
      const { container, ip, containerId } = target
      const limits = { clock, signal, timeoutMs: (probe.timeoutSeconds || 1) * 1000 }
      if (exec) return askExec(runtime, containerId, exec.command ?? [], limits)
      if (grpc) {
        return askGrpc({ host: ip, port: grpc.port, service: grpc.service ?? '' }, limits)
      }
      const given = httpGet ?? tcpSocket
      if (!given) return failure('missing probe handler')
      const port = portOf(given.port, container)
      if (port === undefined) return failure(`couldn't find port: ${given.port}`)
      const host = given.host || ip
      if (!httpGet) return askTcp(host, port, limits)
      const { path = '/', scheme, httpHeaders: headers = [] } = httpGet
      return askHttp({ scheme: schemeOf(scheme), host, port, path, headers }, limits)
    },
  }
}

export const schemeOf = (scheme: string | undefined): 'HTTP' | 'HTTPS' =>
  scheme === 'HTTPS' ? 'HTTPS' : 'HTTP'

/** A number, or the number of a port that the container names. */
export function portOf(port: number | string, { ports }: Container): number | undefined {
  if (typeof port === 'number') return port
  const named = ports?.find(({ name }) => name === port)?.containerPort
  return named ?? (/^\d+$/.test(port) ? Number(port) : undefined)
}
