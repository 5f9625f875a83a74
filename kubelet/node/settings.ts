/** What the flags say about the node. */
import type { Taint } from '#api/kinds/core/node.ts'
import type { NodeAddress } from '#api/parts/core/node-status.ts'
import { hostName, outwardAddress } from '#daemon/network.ts'
import type { NodeNetwork } from '../docker/node-network.ts'
import type { Flags } from '../flags.ts'
import type { NodeSettings } from './node-facts.ts'

const EXTERNAL_CLOUD_TAINT: Taint = {
  key: 'node.cloudprovider.kubernetes.io/uninitialized',
  value: 'true',
  effect: 'NoSchedule',
}

export function nodeSettings(values: Flags): NodeSettings {
  const name = (values.hostnameOverride || hostName()).trim().toLowerCase()
  const taints = values.registerWithTaints.map(parseTaint)
  const isExternal = values.cloudProvider === 'external'
  return {
    name,
    labels: Object.fromEntries(values.nodeLabels),
    taints: isExternal ? [...taints, EXTERNAL_CLOUD_TAINT] : taints,
    providerId: values.providerId,
    addresses: addressesOf(name, values.nodeIp, values.nodeExternalIp),
    port: values.port,
    podsMax: values.maxPods,
    registers: values.registerNode,
  }
}

function addressesOf(
  name: string,
  given: readonly string[],
  outer: readonly string[],
): NodeAddress[] {
  const own = outwardAddress() ?? '127.0.0.1'
  const ips = given.length > 0 ? given : [own]
  return [
    ...ips.map((address): NodeAddress => ({ type: 'InternalIP', address })),
    ...outer.map((address): NodeAddress => ({ type: 'ExternalIP', address })),
    { type: 'Hostname', address: name },
  ]
}

/** `<key>=<value>:<effect>` or `<key>:<effect>`. */
export function parseTaint(text: string): Taint {
  const [, key = '', value, effect = ''] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? []
  const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const
  const known = effects.find((each) => each === effect)
  if (!key || !known) {
    const wanted = `<key>=<value>:<effect>, with one of ${effects.join(', ')}`
    throw new Error(`--register-with-taints: found "${text}", wanted ${wanted}`)
  }
  return { key, ...(value && { value }), effect: known }
}

export function runtimeNetwork(text: string): NodeNetwork {
  const colon = text.indexOf(':')
  const [type, rest] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  if (type === 'host' && !rest) return { type: 'host' }
  if (type === 'container' && rest) return { type: 'container', id: rest }
  if (type === 'namespace' && rest) return { type: 'namespace', path: rest }
  throw new Error(
    `--node-network: found "${text}", wanted host, container:<id> or namespace:<path>`,
  )
}
