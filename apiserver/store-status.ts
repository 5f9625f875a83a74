/** What the store throws, as callers of the API know it. */
import {
  internalError,
  type StatusError,
  serviceUnavailable,
  tooManyRequests,
} from '#api/status.ts'
import type { StoreError } from './store/store-error.ts'

const RETRY_SECONDS = 1

/** For errors that no verb has given a meaning of its own. */
export function storeStatus(error: StoreError): StatusError {
  switch (error.code) {
    case 'ReadOnly':
    case 'Closed':
      return serviceUnavailable(error.message, error)
    case 'Busy':
      return tooManyRequests(
        'too many writes are waiting for the disk, please try again',
        RETRY_SECONDS,
      )
    default:
      return internalError(error.message, error)
  }
}
