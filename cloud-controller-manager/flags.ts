/** The flags of the cloud-controller-manager, named as upstream names them. */
import { apiServerFlags, monitoringFlags } from '#client/component.ts'
import { leaderElectionFlags } from '#client/leader-flags.ts'
import { type OptionValues, option } from '#daemon/options.ts'

/** What single providers are told. */
export const providerFlags = {
  'Cloud provider flags': {
    'cloud-provider': option.text({
      help: 'Which cloud it is: "local" is the machine, or the few machines, that we run on.',
      default: 'local',
    }),
    'load-balancer-pool': option.list({
      help:
        'Addresses for Services of type LoadBalancer, as 192.0.2.10-192.0.2.20 or 192.0.2.0/28; ' +
        'without any, such Services get none.',
    }),
    'node-zones': option.map({ help: 'Zone of each node, as node-1=zone-a.' }),
    'node-region': option.text({ help: 'Region of all nodes.' }),
  },
}

export const flags = {
  'API server flags': {
    ...apiServerFlags,
    'use-service-account-credentials': option.boolean({
      help: 'Let each controller work under its own service account in kube-system.',
      default: true,
    }),
  },
  ...providerFlags,
  'Controller flags': {
    controllers: option.list({
      help: '"*" means all that are on by default, "foo" means foo, "-foo" means all but foo.',
      default: ['*'],
    }),
    'node-status-update-frequency': option.duration({
      help: 'How often the cloud is asked for addresses of nodes.',
      default: 300_000,
    }),
    'node-monitor-period': option.duration({
      help: 'How often the cloud is asked about nodes that are not ready.',
      default: 5000,
    }),
  },
  'Leader election flags': leaderElectionFlags('cloud-controller-manager'),
  'Monitoring flags': {
    ...monitoringFlags(10_258),
  },
}

export type Flags = OptionValues<typeof flags>
