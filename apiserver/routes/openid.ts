/** How others check tokens of service accounts: who issues them, and with which keys. */
import { configurationDocument, keysDocument } from '../auth/service-accounts/openid-documents.ts'
import type { RequestContext, ServerParts } from '../request-context.ts'
import type { PlainResult } from '../result.ts'

/** Clients may keep both for an hour, so new keys are published that long before they sign. */
const CACHE = 'public, max-age=3600'

export function openidConfiguration(_: RequestContext, { credentials }: ServerParts): PlainResult {
  const { settings } = credentials.serviceAccounts
  return published('application/json', configurationDocument(settings, credentials.keysUrl))
}

export function openidKeys(_: RequestContext, { credentials }: ServerParts): PlainResult {
  return published('application/jwk-set+json', keysDocument(credentials.serviceAccounts.settings))
}

const published = (type: string, document: object): PlainResult => ({
  type: 'plain',
  status: 200,
  headers: { 'content-type': type, 'cache-control': CACHE },
  body: JSON.stringify(document),
})
