/** Nodes: taints, addresses of their pods, and what may change. */
import { type Cidr, isCidrForLegacyField, parseCidr } from '../ip.ts'
import {
  dnsLabelName,
  dnsSubdomainName,
  isConfigMapKey,
  isLabelKey,
  isLabelValue,
} from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import { checkResourceQuantity } from './resource-names.ts'

export interface TaintFacts {
  readonly key: string
  readonly value?: string
  readonly effect: string
  readonly timeAdded?: string
}

const effects = ['NoExecute', 'NoSchedule', 'PreferNoSchedule']

export function checkTaints(taints: readonly TaintFacts[], at: Path, problems: Problems): void {
  const seen = new Set<string>()
  for (const [position, taint] of taints.entries()) {
    const place = at.index(position)
    const { key, value = '', effect } = taint
    for (const message of isLabelKey(key)) problems.invalid(place.child('key'), key, message)
    const wrong = isLabelValue(value)
    if (wrong.length) problems.invalid(place.child('value'), value, wrong.join(';'))
    if (!effect) problems.required(place.child('effect'))
    else if (!effects.includes(effect))
      problems.notSupported(place.child('effect'), effect, effects)
    const pair = `${effect} ${key}`
    if (seen.has(pair)) {
      const detail = 'taints must be unique by key and effect pair'
      problems.duplicate(place, goShapedTaint(taint), detail)
    }
    seen.add(pair)
  }
}

/** As upstream prints its internal type, whose fields have no JSON names. */
function goShapedTaint({ key, value = '', effect, timeAdded }: TaintFacts): object {
  return { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null }
}

/** One range for each family at most, none of them twice. */
export function checkPodCidrs(cidrs: readonly string[], at: Path, problems: Problems): void {
  for (const [position, cidr] of cidrs.entries()) {
    for (const message of isCidrForLegacyField(cidr)) {
      problems.invalid(at.index(position), cidr, message)
    }
  }
  if (cidrs.length < 2) return
  const parsed = cidrs.map(parseCidr)
  const wrong = parsed.indexOf(undefined)
  if (wrong >= 0) {
    const reason = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${cidrs[wrong]})`
    const detail = `invalid PodCIDRs. failed to check with dual stack with error:${reason}`
    problems.internal(at, detail)
  }
  const families = new Set(parsed.map((each: Cidr | undefined) => each?.ip.family))
  if (wrong >= 0 || families.size < 2 || cidrs.length > 2) {
    problems.invalid(at, cidrs, 'may specify no more than one CIDR for each IP family')
  }
  const seen = new Set<string>()
  for (const [position, cidr] of cidrs.entries()) {
    if (seen.has(cidr)) problems.duplicate(at.index(position), cidr)
    seen.add(cidr)
  }
}

export function checkAmounts(
  amounts: Readonly<Record<string, string>> | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    checkResourceQuantity(name, amount, at.child(name), problems)
  }
}

interface SpecFacts {
  readonly podCIDRs?: readonly string[]
  readonly providerID?: string
  readonly externalID?: string
}

/** What a controller has once set about a node stays. */
export function checkNodeSpecChange(
  next: SpecFacts,
  previous: SpecFacts,
  at: Path,
  problems: Problems,
): void {
  const { podCIDRs: old = [] } = previous
  const { podCIDRs: cidrs = [] } = next
  const changed =
    old.length === cidrs.length ? old.filter((cidr, at) => cidr !== cidrs[at]) : old.slice(0, 1)
  for (const _ of changed) {
    const detail = 'node updates may not change podCIDR except from "" to valid'
    problems.forbidden(at.child('podCIDRs'), detail)
  }
  if (previous.providerID && next.providerID !== previous.providerID) {
    const detail = 'node updates may not change providerID except from "" to valid'
    problems.forbidden(at.child('providerID'), detail)
  }
  if ((next.externalID ?? '') !== (previous.externalID ?? '')) {
    problems.forbidden(at.child('externalID'), 'may not be updated')
  }
}

interface AddressFacts {
  readonly type: string
  readonly address: string
}

export function checkAddresses(
  addresses: readonly AddressFacts[],
  at: Path,
  problems: Problems,
): void {
  const seen = new Set<string>()
  for (const [position, { type, address }] of addresses.entries()) {
    const pair = `${type} ${address}`
    if (seen.has(pair)) problems.duplicate(at.index(position), { Type: type, Address: address })
    seen.add(pair)
  }
}

interface ConfigSource {
  readonly configMap?: {
    readonly namespace: string
    readonly name: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly kubeletConfigKey: string
  }
}

/** Nothing uses it any more, and yet it is still judged. In a status the version is known. */
export function checkConfigSource(
  source: ConfigSource,
  isStatus: boolean,
  at: Path,
  problems: Problems,
): void {
  const { configMap } = source
  if (!configMap) {
    problems.invalid(at, source, 'exactly one reference subfield must be non-nil')
    return
  }
  const place = at.child('configMap')
  for (const name of ['uid', 'resourceVersion'] as const) {
    if (isStatus && !configMap[name])
      problems.required(place.child(name), `${name} must be set in status`)
    if (!isStatus && configMap[name])
      problems.forbidden(place.child(name), `${name} must not be set in spec`)
  }
  const rules = {
    namespace: dnsLabelName,
    name: dnsSubdomainName,
    kubeletConfigKey: isConfigMapKey,
  }
  for (const name of ['namespace', 'name', 'kubeletConfigKey'] as const) {
    const value = configMap[name]
    if (!value) problems.required(place.child(name), `${name} must be set`)
    else
      for (const message of rules[name](value)) problems.invalid(place.child(name), value, message)
  }
}
