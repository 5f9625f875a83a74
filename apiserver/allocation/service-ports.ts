/** Which ports on the nodes a Service takes, keeps and gives back. */
import { Path, type Problems } from '#api/problems.ts'
import {
  needsHealthCheck,
  needsNodePorts,
  type PortFacts,
  type ServiceSpec,
} from '#api/rules/service-facts.ts'
import { internalError } from '#api/status.ts'
import { AllocationRefused } from './cluster-ips.ts'
import type { PortLedger } from './node-ports.ts'

const specPath = Path.root.child('spec')

/** Every port that is taken for a Service. */
export function usedPorts({ ports = [], healthCheckNodePort }: ServiceSpec): Set<number> {
  const numbers = ports.flatMap(({ nodePort }) => nodePort || [])
  return new Set(healthCheckNodePort ? [...numbers, healthCheckNodePort] : numbers)
}

/** Takes what the Service asks for and draws what it leaves open, in place. */
export function settleNodePorts(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  ledger: PortLedger,
  problems: Problems,
): void {
  if (needsNodePorts(spec)) {
    if (previous) updatePorts(spec, previous, ledger, problems)
    else newPorts(spec, ledger, problems)
  }
  if (!problems.list.length) settleHealthCheck(spec, previous, ledger, problems)
}

const drawsPorts = ({ type, allocateLoadBalancerNodePorts = true }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts)

/** Ports of one number and several protocols share a port of the nodes. */
function newPorts(spec: ServiceSpec, ledger: PortLedger, problems: Problems): void {
  const shared = new Map<number, number>()
  for (const [position, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !drawsPorts(spec)) continue
    const known = shared.get(port.port)
    if (known === undefined) {
      const wanted = requested(spec, port.port)
      if (wanted) {
        if (!takeAt(position, wanted, ledger, problems)) return
        port.nodePort = wanted
      } else port.nodePort = ledger.draw()
      shared.set(port.port, port.nodePort)
    } else if (!port.nodePort) port.nodePort = known
    else if (port.nodePort !== known && !takeAt(position, port.nodePort, ledger, problems)) return
  }
}

const requested = ({ ports = [] }: ServiceSpec, number: number): number | undefined =>
  ports.find(({ port, nodePort }) => port === number && nodePort)?.nodePort

function updatePorts(
  spec: ServiceSpec,
  previous: ServiceSpec,
  ledger: PortLedger,
  problems: Problems,
): void {
  const had = new Set((previous.ports ?? []).flatMap(({ nodePort }: PortFacts) => nodePort || []))
  const taken = new Set<number>()
  for (const [position, port] of (spec.ports ?? []).entries()) {
    const { nodePort } = port
    if (!nodePort) {
      if (drawsPorts(spec)) port.nodePort = ledger.draw()
    } else if (!had.has(nodePort) && !taken.has(nodePort)) {
      if (!takeAt(position, nodePort, ledger, problems)) return
      taken.add(nodePort)
    }
  }
}

function takeAt(position: number, port: number, ledger: PortLedger, problems: Problems): boolean {
  try {
    ledger.take(port)
    return true
  } catch (error) {
    if (!(error instanceof AllocationRefused)) throw error
    const at = specPath.child('ports').index(position).child('nodePort')
    problems.invalid(at, port, error.message)
    return false
  }
}

function settleHealthCheck(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  ledger: PortLedger,
  problems: Problems,
): void {
  const had = previous && needsHealthCheck(previous)
  if (!needsHealthCheck(spec)) {
    if (had) delete spec.healthCheckNodePort
    return
  }
  const wanted = spec.healthCheckNodePort
  if (had) {
    if (wanted === previous.healthCheckNodePort) return
    const detail =
      'cannot change healthCheckNodePort on loadBalancer service ' +
      'with externaltraffic=Local during update'
    problems.invalid(specPath.child('healthCheckNodePort'), wanted ?? 0, detail)
    return
  }
  if (!wanted) spec.healthCheckNodePort = ledger.draw()
  else takeHealthCheck(wanted, ledger)
}

function takeHealthCheck(port: number, ledger: PortLedger): void {
  try {
    ledger.take(port)
  } catch (error) {
    if (!(error instanceof AllocationRefused)) throw error
    const subject = `failed to allocate requested HealthCheck NodePort ${port}`
    throw internalError(`${subject}: ${error.message}`)
  }
}
