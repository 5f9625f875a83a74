/** Whether a user may approve or sign for a signer: by its name, or for its whole domain. */
import type { Authorizer } from '../auth/authorizer.ts'
import type { User } from '../request-context.ts'
import { mayAccess } from './access.ts'

export async function mayActForSigner(
  authorizer: Authorizer,
  user: User,
  verb: 'approve' | 'sign',
  signerName: string,
): Promise<boolean> {
  const domain = `${signerName.split('/', 1)[0]}/*`
  for (const name of [signerName, domain]) {
    const what = { verb, group: 'certificates.k8s.io', version: '*', resource: 'signers', name }
    if ((await mayAccess(authorizer, user, what)).allowed) return true
  }
  return false
}
