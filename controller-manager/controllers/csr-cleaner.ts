/** Deletes requests for certificates that are of no use any more. */
import { X509Certificate } from 'node:crypto'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { isReason } from '#api/status.ts'
import { defineController } from '#client/controller.ts'
import { timeToMs } from '../pods.ts'

/** As upstream: whoever asked has had time to fetch the answer. */
const DECIDED_MS = 3_600_000
const PENDING_MS = 24 * 3_600_000

/** Pure: when a request is to be deleted, in milliseconds since 1970; undefined for not yet. */
export function expiryOf({ metadata, status }: CertificateSigningRequest): number | undefined {
  const conditions = status.conditions ?? []
  if (conditions.length === 0) return after(metadata.creationTimestamp, PENDING_MS)
  const times = conditions.flatMap(({ type, lastUpdateTime }) => {
    const isOver = type === 'Denied' || (type === 'Approved' && Boolean(status.certificate))
    const ends = isOver ? [after(lastUpdateTime, DECIDED_MS)] : []
    if (type === 'Approved' && status.certificate) ends.push(notAfterOf(status.certificate))
    return ends.filter((end) => end !== undefined)
  })
  return times.length > 0 ? Math.min(...times) : undefined
}

function after(time: string | null | undefined, ms: number): number | undefined {
  const at = timeToMs(time)
  return at === undefined ? undefined : at + ms
}

const notAfterOf = (base64: string): number =>
  Date.parse(new X509Certificate(Buffer.from(base64, 'base64')).validTo)

export const csrCleanerController = defineController<CertificateSigningRequest>({
  name: 'csrcleaner',
  for: CertificateSigningRequest,
  workers: 1,
  async reconcile(csr, { client, clock, log }) {
    const expiry = expiryOf(csr)
    if (expiry === undefined || csr.metadata.deletionTimestamp) return undefined
    const leftMs = expiry - clock.now()
    // The time itself is still good.
    if (leftMs >= 0) return { requeueAfterMs: leftMs + 1 }
    log.info('request deleted: nobody needs it any more')
    try {
      await client.delete(CertificateSigningRequest, csr)
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
    return undefined
  },
})
