/** Why a claim has no volume. Pure. */
import type { Event } from '#api/kinds/core/event.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { type Finding, hinted, newest } from './findings.ts'

export function claimFindings(
  name: string,
  claim: PersistentVolumeClaim | undefined,
  events: readonly Event[],
): readonly Finding[] {
  if (!claim) return [{ text: 'There is none of that name.', advice: `Make the claim ${name}` }]
  const { phase } = claim.status
  if (phase === 'Bound') return []
  if (phase === 'Lost') return [{ text: `Its volume ${claim.spec.volumeName} is gone.` }]
  const failed = newest(events, 'ProvisioningFailed', 'FailedBinding', 'VolumeMismatch')
  if (failed) return [hinted(`${failed.reason}: ${failed.message}`)]
  const waiting = newest(events, 'WaitForFirstConsumer', 'WaitForPodScheduled')
  if (waiting) {
    return [{ text: 'It gets a volume when a pod that uses it gets a node, and not before.' }]
  }
  const outside = newest(events, 'ExternalProvisioning', 'Provisioning')
  if (outside) return [{ text: `${outside.reason}: ${outside.message}` }]
  const { storageClassName } = claim.spec
  return storageClassName
    ? [{ text: `No volume of class "${storageClassName}" fits it yet.` }]
    : [
        {
          text: 'It names no class, and no volume without one fits it.',
          advice: 'See the classes: kubectl get storageclass',
        },
      ]
}
