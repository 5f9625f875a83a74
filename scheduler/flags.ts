/** The flags of the scheduler, named as upstream names them. */
import { leaderElectionFlags } from '#client/leader-flags.ts'
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
  'Leader election flags': leaderElectionFlags('kube-scheduler'),
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
