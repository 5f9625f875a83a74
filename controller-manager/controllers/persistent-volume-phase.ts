/** The phase of a volume, and since when it is in it. */
import { PersistentVolume, type PersistentVolumeStatus } from '#api/kinds/core/persistent-volume.ts'
import { epochToTime } from '#api/time.ts'
import type { Client } from '#client/rest.ts'

type Phase = Pick<PersistentVolumeStatus, 'phase' | 'message'>

/** Says whether the phase is another one than before; the time moves only with it. */
export async function setPhase(
  client: Client,
  volume: PersistentVolume,
  { phase, message }: Phase,
  nowMs: number,
): Promise<boolean> {
  const { message: _, ...status } = volume.status
  const isNew = status.phase !== phase
  if (!isNew && (volume.status.message ?? '') === (message ?? '')) return false
  const now = epochToTime(Math.floor(nowMs / 1000))
  await client.updateStatus(PersistentVolume, volume, {
    ...status,
    phase,
    ...(message && { message }),
    ...(isNew && { lastPhaseTransitionTime: now }),
  })
  return isNew
}
