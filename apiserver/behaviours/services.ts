/** A Service is given addresses and ports, stored with it or not at all. */
import type { IpFamily } from '#api/ip.ts'
import { Service } from '#api/kinds/core/service.ts'
import { Path, Problems } from '#api/problems.ts'
import {
  isHeadless,
  needsClusterIp,
  type PortFacts,
  type ServiceSpec,
} from '#api/rules/service-facts.ts'
import { settleFamilies } from '#api/rules/service-families.ts'
import { internalError, invalid } from '#api/status.ts'
import {
  AllocationRefused,
  drawIp,
  type Holder,
  releaseIp,
  takeIp,
} from '../allocation/cluster-ips.ts'
import { PortLedger } from '../allocation/node-ports.ts'
import { settleNodePorts, usedPorts } from '../allocation/service-ports.ts'
import type { Behaviour, BehaviourCall } from '../behaviour.ts'
import type { ServerParts } from '../request-context.ts'
import type { Step } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'

/** Addresses and ports that one write takes or gives back; they fit one transaction. */
const STEPS_MAX = 120

const specPath = Path.root.child('spec')

export const services: Behaviour = {
  resources: ['services'],
  creating(object, call) {
    return settle(object, undefined, call)
  },
  updating(next, previous, call) {
    // What a load balancer says means nothing without one.
    if (specOf(next).type !== 'LoadBalancer') {
      next.status = { ...(next.status as object), loadBalancer: {} }
    }
    return call.subresource ? [] : settle(next, previous, call)
  },
  deleting(object, { parts }) {
    const holder = holderOf(object)
    const spec = specOf(object)
    const addresses = (spec.clusterIPs ?? []).flatMap((ip) => releaseIp(parts, ip, holder))
    return [...addresses, ...new PortLedger(parts, holder).steps(usedPorts(spec))]
  },
}

function settle(object: ApiObject, previous: ApiObject | undefined, call: BehaviourCall): Step[] {
  const { parts, dryRun } = call
  const spec = specOf(object)
  const old = previous && specOf(previous)
  const holder = holderOf(object)
  const families = parts.serviceNetwork.ranges.map(({ ip }) => ip.family)
  const problems = new Problems()
  const isSettled = settleFamilies(spec, old, families, specPath, problems)
  // The rules of the kind say the rest about what is wrong; no address is given out until then.
  const addresses = isSettled ? settleIps(spec, old, { parts, holder, problems }) : []
  if (problems.list.length) throw invalid(Service, object.metadata.name, problems.list)
  const ledger = new PortLedger(parts, holder)
  refusing('a nodePort', () => settleNodePorts(spec, old, ledger, problems))
  if (problems.list.length) throw invalid(Service, object.metadata.name, problems.list)
  const kept = usedPorts(spec)
  const unused = old ? [...usedPorts(old)].filter((port) => !kept.has(port)) : []
  const steps = [...addresses, ...ledger.steps(unused)]
  if (steps.length > STEPS_MAX) {
    problems.tooMany(specPath.child('ports'), steps.length, STEPS_MAX)
    throw invalid(Service, object.metadata.name, problems.list)
  }
  return dryRun ? [] : steps
}

interface Settling {
  readonly parts: ServerParts
  readonly holder: Holder
  readonly problems: Problems
}

/** Which addresses a Service has depends on what it was; all but the second are for good. */
function settleIps(spec: ServiceSpec, old: ServiceSpec | undefined, settling: Settling): Step[] {
  const { parts, holder } = settling
  const releaseAll = (ips: readonly string[] = []): Step[] =>
    ips.flatMap((ip) => releaseIp(parts, ip, holder))
  const had = old && needsClusterIp(old)
  if (!needsClusterIp(spec)) return had && !isHeadless(old) ? releaseAll(old.clusterIPs) : []
  if (!had) return isHeadless(spec) ? [] : takeFrom(0, spec, settling)
  if (isHeadless(old)) return []
  const [now, before] = [spec.ipFamilies?.length ?? 0, old.ipFamilies?.length ?? 0]
  if (now > before) return takeFrom(before, spec, settling)
  return now < before ? releaseAll(old.clusterIPs?.slice(now)) : []
}

/** Fills `clusterIPs` from a position on: as asked for, or with what is free. */
function takeFrom(start: number, spec: ServiceSpec, { parts, holder, problems }: Settling): Step[] {
  const steps: Step[] = []
  const ips = [...(spec.clusterIPs ?? [])]
  for (const [position, family] of (spec.ipFamilies ?? []).entries()) {
    if (position < start) continue
    const wanted = ips[position]
    try {
      const { ip, step } = wanted
        ? takeIp(parts, wanted, holder)
        : drawIp(parts, family as IpFamily, holder)
      ips[position] = wanted ?? ip
      steps.push(step)
    } catch (error) {
      if (!(error instanceof AllocationRefused)) throw error
      if (!wanted) throw internalError(`failed to allocate a serviceIP: ${error.message}`)
      const detail = `failed to allocate IP ${wanted}: ${error.message}`
      problems.invalid(specPath.child('clusterIPs'), spec.clusterIPs, detail)
      return []
    }
  }
  spec.clusterIPs = ips
  spec.clusterIP = ips[0]!
  return steps
}

/** Running out is nobody's fault. */
function refusing(what: string, settle: () => void): void {
  try {
    settle()
  } catch (error) {
    if (!(error instanceof AllocationRefused)) throw error
    throw internalError(`failed to allocate ${what}: ${error.message}`)
  }
}

const specOf = (object: ApiObject): ServiceSpec & { ports?: PortFacts[] } =>
  object.spec as ServiceSpec

const holderOf = ({ metadata }: ApiObject): Holder => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
})
