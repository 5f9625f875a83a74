/** Deletes bootstrap tokens when their time is over. */
import { Secret } from '#api/kinds/core/secret.ts'
import { isReason } from '#api/status.ts'
import { defineController } from '#client/controller.ts'
import { tokenExpiry, tokenSecrets } from './bootstrap-tokens.ts'

export const bootstrapTokenCleanerController = defineController<Secret>({
  name: 'token-cleaner',
  for: Secret,
  selected: [tokenSecrets],
  workers: 1,
  async reconcile(secret, { client, clock, log }) {
    const expiry = tokenExpiry(secret)
    if (expiry === undefined || secret.metadata.deletionTimestamp) return undefined
    const leftMs = expiry - clock.now()
    if (leftMs > 0) return { requeueAfterMs: leftMs }
    log.info('bootstrap token deleted: it has expired')
    try {
      await client.delete(Secret, secret)
    } catch (error) {
      // Somebody else was quicker, or has put another one in its place.
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
    return undefined
  },
})
