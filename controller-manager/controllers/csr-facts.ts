/** Requests for certificates as controllers see them. */
import { hasConditionStatus } from '#api/conditions.ts'
import type { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'

export const hasCondition = (
  { status }: CertificateSigningRequest,
  type: 'Approved' | 'Denied' | 'Failed',
): boolean => hasConditionStatus(status.conditions, type, 'True')
