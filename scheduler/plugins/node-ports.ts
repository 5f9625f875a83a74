/** A port of a node belongs to one pod at a time. */

import { type Plugin, refusal } from '../plugin.ts'
import { ANY_IP, type HostPort } from '../pod-info.ts'

const NAME = 'NodePorts'
const taken = refusal(NAME, "node(s) didn't have free ports for the requested pod ports", false)

function collide(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false
  return a.ip === b.ip || a.ip === ANY_IP || b.ip === ANY_IP
}

export const nodePorts: Plugin = {
  name: NAME,
  isLocal: true,
  hopes: ['node', 'pod removed'],
  filter({ hostPorts }) {
    if (hostPorts.length === 0) return undefined
    return { test: (node) => (hostPorts.some((port) => node.holdsPort(port)) ? taken : undefined) }
  },
  helps(event, { hostPorts }) {
    if (event.type === 'node') return !event.previous
    if (event.type !== 'pod removed') return false
    return event.pod.hostPorts.some((held) => hostPorts.some((port) => collide(held, port)))
  },
}
