/** The flags of the scheduler, named as upstream names them. */
import { apiServerFlags, monitoringFlags } from '#client/component.ts'
import { leaderElectionFlags } from '#client/leader-flags.ts'
import { type OptionValues, option } from '#daemon/options.ts'

export const flags = {
  'API server flags': {
    ...apiServerFlags,
  },
  'Scheduling flags': {
    config: option.text({
      help: 'File with a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1.',
    }),
  },
  'Leader election flags': leaderElectionFlags('kube-scheduler'),
  'Monitoring flags': {
    ...monitoringFlags(10_259),
  },
}

export type Flags = OptionValues<typeof flags>
