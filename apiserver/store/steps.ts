/** Checks what callers want to write and turns it into the steps of the log. */
import { attributesText } from './attribute-texts.ts'
import type { LogPut, LogStep } from './log.ts'
import type { Draft, Entry, Step } from './store.ts'
import { StoreError } from './store-error.ts'

/** Above the API server's limit on request bodies, so that the client hears of that one. */
const VALUE_BYTES_MAX = 8 * 1024 * 1024
const KEY_LENGTH_MAX = 2_048
/** As etcd's default; a transaction is a handful of objects that must agree. */
const TRANSACTION_STEPS_MAX = 128
/** The log keeps the second of expiry in 32 bits: until 2106. */
const EXPIRES_AT_MAX = 2 ** 32 - 1

/** Throws `Invalid` for what no driver could keep. */
export function logSteps(steps: readonly Step[], nowMs: number): LogStep[] {
  const { length } = steps
  if (length === 0 || length > TRANSACTION_STEPS_MAX) {
    const message = `write: ${length} steps, wanted 1 to ${TRANSACTION_STEPS_MAX}`
    throw new StoreError('Invalid', message)
  }
  const keys = new Set<string>()
  const nowSeconds = Math.floor(nowMs / 1000)
  return steps.map((step) => {
    const logStep = step.type === 'put' ? logPut(step.draft, step.expected, nowSeconds) : step
    const { key } = logStep
    requireKey(key)
    if (keys.has(key)) throw new StoreError('Invalid', `write "${key}": it is there twice`, { key })
    keys.add(key)
    return logStep
  })
}

/** Whether writing the draft would change nothing. */
export function isSame(draft: Draft, current: Entry): boolean {
  return (
    draft.ttlSeconds === undefined &&
    current.value.equals(draft.value) &&
    attributesText(draft.labels) === attributesText(current.labels) &&
    attributesText(draft.fields) === attributesText(current.fields)
  )
}

function logPut(draft: Draft, expected: number | undefined, nowSeconds: number): LogPut {
  const { key, value, labels, fields, ttlSeconds } = draft
  if (value.length > VALUE_BYTES_MAX) {
    const message = `write "${key}": ${value.length} bytes, wanted at most ${VALUE_BYTES_MAX}`
    throw new StoreError('Invalid', message, { key })
  }
  const expiresAt = ttlSeconds === undefined ? 0 : nowSeconds + Math.ceil(ttlSeconds)
  if (!(expiresAt >= 0 && expiresAt <= EXPIRES_AT_MAX)) {
    const message = `write "${key}": time to live is ${ttlSeconds} seconds, wanted fewer`
    throw new StoreError('Invalid', message, { key })
  }
  return {
    type: 'put',
    key,
    value,
    labels: attributesText(labels),
    fields: attributesText(fields),
    expiresAt,
    expected,
  }
}

function requireKey(key: string): void {
  const isFine =
    key.startsWith('/') && !key.endsWith('/') && !key.includes('\0') && key.isWellFormed()
  if (isFine && key.length <= KEY_LENGTH_MAX) return
  const wanted = `wanted "/…", not ending in "/", at most ${KEY_LENGTH_MAX} characters`
  throw new StoreError('Invalid', `write "${key.slice(0, 80)}": malformed key, ${wanted}`)
}
