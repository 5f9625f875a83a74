/** The flags of the scheduler, named as upstream names them. */
import { type OptionValues, option } from '#daemon/options.ts'

export const flags = {
  'API server flags': {
    kubeconfig: option.text({
      help:
        'File that says which API server to work for, and as whom; unless given, $KUBECONFIG, ' +
        '~/.kube/config or the service account of the pod.',
    }),
  },
  'Scheduling flags': {
    config: option.text({
      help: 'File with a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1.',
    }),
  },
  'Leader election flags': {
    'leader-elect': option.boolean({
      help: 'Work only while holding the Lease, so that several replicas may run.',
      default: true,
    }),
    'leader-elect-lease-duration': option.duration({
      help: 'How long others wait for a sign of life before they take over.',
      default: 15_000,
    }),
    'leader-elect-renew-deadline': option.duration({
      help: 'How long the leader goes on when it cannot renew the Lease.',
      default: 10_000,
    }),
    'leader-elect-retry-period': option.duration({
      help: 'Time between two attempts to get or renew the Lease.',
      default: 2000,
    }),
    'leader-elect-resource-name': option.text({
      help: 'Name of the Lease.',
      default: 'kube-scheduler',
    }),
    'leader-elect-resource-namespace': option.text({
      help: 'Namespace of the Lease.',
      default: 'kube-system',
    }),
  },
  'Monitoring flags': {
    'monitoring-address': option.text({
      help: 'Loopback address to serve health checks and metrics on, over plain HTTP.',
      default: '127.0.0.1',
    }),
    'monitoring-port': option.port({
      help: 'Port to serve health checks and metrics on.',
      default: 10_259,
    }),
  },
}

export type Flags = OptionValues<typeof flags>
