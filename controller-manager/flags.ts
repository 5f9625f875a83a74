/** The flags of the controller-manager, named as upstream names them. */
import { apiServerFlags, monitoringFlags } from '#client/component.ts'
import { leaderElectionFlags } from '#client/leader-flags.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import { controllers } from './controllers.ts'
import { nodeFlags } from './node-settings.ts'
import { scalingFlags } from './scaling-settings.ts'

const names = controllers.map(({ name }) => name).join(', ')

export const flags = {
  'API server flags': {
    ...apiServerFlags,
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
    ...monitoringFlags(10_257),
  },
}

export type Flags = OptionValues<typeof flags>
