/** The flags of the controller-manager, named as upstream names them. */
import { leaderElectionFlags } from '#client/leader-flags.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import { controllers } from './controllers.ts'
import { nodeFlags } from './node-settings.ts'
import { scalingFlags } from './scaling-settings.ts'

const names = controllers.map(({ name }) => name).join(', ')

export const flags = {
  'API server flags': {
    kubeconfig: option.text({
      help:
        'File that says which API server to work for, and as whom; unless given, $KUBECONFIG, ' +
        '~/.kube/config or the service account of the pod.',
    }),
    'use-service-account-credentials': option.boolean({
      help: 'Let each controller work under its own service account in kube-system.',
      default: true,
    }),
    'root-ca-file': option.text({
      help:
        'File with the authorities that pods shall trust, for kube-root-ca.crt in each namespace; ' +
        'those of the kubeconfig unless given.',
    }),
  },
  'Controller flags': {
    controllers: option.list({
      help:
        '"*" means all that are on by default, "foo" means foo, "-foo" means all but foo. ' +
        `All: ${names}.`,
      default: ['*'],
    }),
  },
  ...nodeFlags,
  ...scalingFlags,
  'Leader election flags': leaderElectionFlags('kube-controller-manager'),
  'Monitoring flags': {
    'monitoring-address': option.text({
      help: 'Loopback address to serve health checks and metrics on, over plain HTTP.',
      default: '127.0.0.1',
    }),
    'monitoring-port': option.port({
      help: 'Port to serve health checks and metrics on.',
      default: 10_257,
    }),
  },
}

export type Flags = OptionValues<typeof flags>
