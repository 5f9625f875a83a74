/** The flags by which one of several replicas works, the same for every service that has them. */
import { hostName } from '#daemon/network.ts'
import { type OptionValues, option } from '#daemon/options.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { leadWhenElected } from './leader.ts'
import type { Client } from './rest.ts'

/** `name` is that of the Lease unless another is given. */
export const leaderElectionFlags = (name: string) => ({
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
    default: name,
  }),
  'leader-elect-resource-namespace': option.text({
    help: 'Namespace of the Lease.',
    default: 'kube-system',
  }),
})

type LeaderElectionFlags = OptionValues<{ flags: ReturnType<typeof leaderElectionFlags> }>

/** Unlike that of any other replica, past ones included. */
export const replicaIdentity = ({ random }: Pick<ServiceContext, 'random'>): string =>
  `${hostName()}_${random.uuid()}`

/** Works at once where nobody is to be elected; else for as long as this replica leads. */
export async function leadAsTold(
  flags: LeaderElectionFlags,
  { clock, random, log }: ServiceContext,
  client: Client,
  identity: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (!flags.leaderElect) return work(signal)
  const lease = {
    name: flags.leaderElectResourceName,
    namespace: flags.leaderElectResourceNamespace,
  }
  const times = {
    leaseDurationMs: flags.leaderElectLeaseDuration,
    renewDeadlineMs: flags.leaderElectRenewDeadline,
    retryPeriodMs: flags.leaderElectRetryPeriod,
  }
  await leadWhenElected({ client, clock, random, log, lease, identity, times }, work, signal)
}
