/** The flags of kube-proxy, named as upstream names them where upstream has them. */
import { apiServerFlags } from '#client/component.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import { overlays } from './routes.ts'

export const flags = {
  'API server flags': {
    ...apiServerFlags,
  },
  'Node flags': {
    'hostname-override': option.text({
      help: 'Name of the Node object of this node; unless given, what the machine calls itself.',
    }),
    'cluster-cidr': option.list({
      help:
        'Addresses of all pods, one range for each IP family. Traffic from elsewhere to a Service ' +
        'seems to come from this node; traffic of pods to elsewhere does too.',
      default: ['10.244.0.0/16'],
    }),
    overlay: option.choice(overlays, {
      help:
        'How packets get to the pods of other nodes: by plain routes (routes), in a tunnel (vxlan), ' +
        'by routes to nodes on the same link and a tunnel to the others (auto), or by the means of ' +
        'somebody else (none).',
      default: 'auto',
    }),
  },
  'Service flags': {
    'proxy-mode': option.choice(['nftables'], {
      help: 'How Services are balanced: rules of nftables are the only way there is.',
      default: 'nftables',
    }),
    'nodeport-addresses': option.list({
      help:
        'Ranges of those addresses of this node that serve NodePorts, or "primary" for the ' +
        'InternalIPs of its Node object.',
      default: ['primary'],
    }),
    'balancer-addresses': option.choice(['hold', 'leave'], {
      help:
        'Whether the nodes of a link share the addresses of balancers on it among them (hold), or ' +
        'somebody else brings their traffic to nodes (leave). Balancers of a class are left anyway.',
      default: 'hold',
    }),
    'masquerade-all': option.boolean({
      help: 'Let all traffic to the addresses of Services seem to come from this node.',
    }),
    'min-sync-period': option.duration({
      help: 'Shortest time between two changes of the rules; what comes meanwhile is one change.',
      default: 0,
    }),
  },
  'Monitoring flags': {
    'healthz-bind-address': option.text({
      help: 'Address and port for the health checks of balancers; nothing is served if empty.',
      default: '0.0.0.0:10256',
    }),
    'metrics-bind-address': option.text({
      help: 'Loopback address and port to serve health checks and metrics on, over plain HTTP.',
      default: '127.0.0.1:10249',
    }),
  },
}

export type Flags = OptionValues<typeof flags>

/** A port alone means all addresses; IPv6 addresses stand in brackets. */
export function addressAndPort(flag: string, text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) {
    throw new Error(`--${flag}: found "${text}", wanted an address and a port such as 0.0.0.0:80`)
  }
  return { host: bracketed || plain || '0.0.0.0', port }
}
